select
    id as order_id,
    account as customer_id,
    placed_on as ordered_at,
    state as status,
    voucher as discount_amount

from {{ ref('shop_orders') }}

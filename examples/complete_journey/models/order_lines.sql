-- One row per product on a receipt, priced as on the shelf. Lines of quantity 0 stay: most of them
-- record a coupon and bring no money.
select
    basket_id || '-' || product_id as order_line_id,
    basket_id as order_id,
    product_id,
    quantity,
    case when quantity > 0 then cast(shelf_value / quantity as decimal(18, 4)) else 0 end
        as unit_price,
    discount_amount

from {{ ref('receipt_lines') }}

select
    "order" as order_id,
    sku as product_id,
    pieces as quantity,
    price as unit_price

from {{ ref('shop_order_items') }}

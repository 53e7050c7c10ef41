with

order_lines as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines') }}

)

select
    order_line_id,
    order_id,
    customer_id,
    ordered_at,
    order_date,
    product_id,
    is_service,
    is_sale,
    is_purchase,
    quantity,
    unit_price,
    ordered_amount,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount

from order_lines

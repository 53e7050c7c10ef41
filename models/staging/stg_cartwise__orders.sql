with

orders as (

    {{ cartwise.input_select('orders') }}

)

select
    order_id,
    customer_id,
    ordered_at,
    lower(status) as status,
    channel,
    discount_amount,
    shipping_amount,
    tax_amount,
    unusable_columns

from orders

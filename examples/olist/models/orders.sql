-- One row per order
with

orders as (

    select * from {{ ref('order_customers') }}

),

freight as (

    select
        order_id,
        sum(freight_value) as shipping_amount

    from {{ ref('olist', 'order_lines') }}
    group by 1

)

select
    orders.order_id,
    orders.customer_unique_id as customer_id,
    orders.order_purchase_timestamp as ordered_at,
    orders.order_status as status,
    freight.shipping_amount

from orders
left join freight on orders.order_id = freight.order_id

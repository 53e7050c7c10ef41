with

orders as (

    select * from {{ ref('cartwise', 'int_cartwise__orders') }}

),

-- only purchases are numbered: a cancelled order or a mere return is no step in a customer's life
numbered_purchases as (

    select
        order_id,
        row_number() over (partition by customer_id order by ordered_at, order_id) as order_number

    from orders
    where
        is_purchase
        and customer_id is not null

)

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.order_date,
    orders.status,
    orders.channel,
    orders.is_sale,
    orders.is_purchase,
    orders.customer_id is null as is_guest,
    cast(numbered_purchases.order_number as bigint) as order_number,
    cast(orders.count_lines as bigint) as count_lines,
    cast(orders.count_products as bigint) as count_products,
    cast(orders.quantity as decimal(18, 3)) as quantity,
    cast(orders.ordered_amount as {{ cartwise.type_money() }}) as ordered_amount,
    cast(orders.gross_amount as {{ cartwise.type_money() }}) as gross_amount,
    cast(orders.discount_amount as {{ cartwise.type_money() }}) as discount_amount,
    cast(orders.refund_amount as {{ cartwise.type_money() }}) as refund_amount,
    cast(orders.net_amount as {{ cartwise.type_money() }}) as net_amount,
    cast(orders.other_refund_amount as {{ cartwise.type_money() }}) as other_refund_amount,
    cast(orders.shipping_amount as {{ cartwise.type_money() }}) as shipping_amount,
    cast(orders.tax_amount as {{ cartwise.type_money() }}) as tax_amount

from orders
left join numbered_purchases on orders.order_id = numbered_purchases.order_id

with

orders as (

    select * from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where set_aside_reason is null

),

order_lines as (

    select
        order_id,
        count(*) as count_lines,
        count(distinct product_id) as count_products,
        max(case when is_purchase then 1 else 0 end) = 1 as has_purchase,
        sum(case when is_purchase then quantity else 0 end) as quantity,
        sum(ordered_amount) as ordered_amount,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount

    from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    group by 1

),

-- refunds can exceed the goods: shipping, tax or goodwill was paid back as well
refunds as (

    select
        order_id,
        sum(amount) as refund_amount

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is null
    group by 1

),

line_refunds as (

    select
        order_id,
        sum(refund_amount) as refund_amount

    from {{ ref('cartwise', 'int_cartwise__line_refunds') }}
    group by 1

),

customer_identities as (

    select
        account_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

)

select
    orders.order_id,
    customer_identities.customer_id,
    orders.ordered_at,
    orders.order_date,
    orders.status,
    orders.channel,
    orders.is_sale,
    coalesce(order_lines.has_purchase, false) as is_purchase,
    coalesce(order_lines.count_lines, 0) as count_lines,
    coalesce(order_lines.count_products, 0) as count_products,
    coalesce(order_lines.quantity, 0) as quantity,
    coalesce(order_lines.ordered_amount, 0) as ordered_amount,
    coalesce(order_lines.gross_amount, 0) as gross_amount,
    coalesce(order_lines.discount_amount, 0) as discount_amount,
    coalesce(order_lines.refund_amount, 0) as refund_amount,
    coalesce(order_lines.net_amount, 0) as net_amount,
    coalesce(refunds.refund_amount, 0) - coalesce(line_refunds.refund_amount, 0)
        as other_refund_amount,
    case when orders.is_sale then orders.shipping_amount else 0 end as shipping_amount,
    case when orders.is_sale then orders.tax_amount else 0 end as tax_amount

from orders
left join order_lines on orders.order_id = order_lines.order_id
left join refunds on orders.order_id = refunds.order_id
left join line_refunds on orders.order_id = line_refunds.order_id
left join customer_identities on orders.customer_id = customer_identities.account_id

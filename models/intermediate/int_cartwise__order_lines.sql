with

order_line_amounts as (

    select * from {{ ref('cartwise', 'int_cartwise__order_line_amounts') }}

),

line_refunds as (

    select * from {{ ref('cartwise', 'int_cartwise__line_refunds') }}

),

orders as (

    select
        order_id,
        ordered_at,
        order_date,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where set_aside_reason is null

),

customer_identities as (

    select
        account_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

products as (

    select
        product_id,
        is_service

    from {{ ref('cartwise', 'int_cartwise__products') }}

),

refunded_lines as (

    select
        order_line_amounts.*,
        cast(
            order_line_amounts.line_discount_amount + order_line_amounts.order_discount_amount
            as {{ cartwise.type_money() }}
        ) as discount_amount,
        cast(
            order_line_amounts.returned_amount + coalesce(line_refunds.refund_amount, 0)
            as {{ cartwise.type_money() }}
        ) as refund_amount

    from order_line_amounts
    left join line_refunds on order_line_amounts.order_line_id = line_refunds.order_line_id

)

select
    refunded_lines.order_line_id,
    refunded_lines.order_id,
    customer_identities.customer_id,
    orders.ordered_at,
    orders.order_date,
    refunded_lines.product_id,
    products.is_service,
    refunded_lines.is_sale,
    refunded_lines.is_purchase,
    refunded_lines.quantity,
    refunded_lines.unit_price,
    refunded_lines.ordered_amount,
    refunded_lines.gross_amount,
    refunded_lines.discount_amount,
    refunded_lines.refund_amount,
    cast(
        refunded_lines.gross_amount - refunded_lines.discount_amount - refunded_lines.refund_amount
        as {{ cartwise.type_money() }}
    ) as net_amount

from refunded_lines
inner join orders on refunded_lines.order_id = orders.order_id
inner join products on refunded_lines.product_id = products.product_id
left join customer_identities on orders.customer_id = customer_identities.account_id

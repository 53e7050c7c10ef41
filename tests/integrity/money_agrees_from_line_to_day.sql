-- Gross, discount, refund and net are the same to the cent whichever mart adds them up.
with

order_lines as (

    select
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount

    from {{ ref('cartwise', 'cartwise__order_lines') }}

),

orders as (

    select
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount

    from {{ ref('cartwise', 'cartwise__orders') }}

),

customers_and_guests as (

    select
        total_gross_amount,
        total_discount_amount,
        total_refund_amount,
        total_net_amount

    from {{ ref('cartwise', 'cartwise__customers') }}

    union all

    select
        gross_amount,
        discount_amount,
        refund_amount,
        net_amount

    from {{ ref('cartwise', 'cartwise__orders') }}
    where is_guest

),

customers as (

    select
        sum(total_gross_amount) as gross_amount,
        sum(total_discount_amount) as discount_amount,
        sum(total_refund_amount) as refund_amount,
        sum(total_net_amount) as net_amount

    from customers_and_guests

),

products as (

    select
        sum(total_gross_amount) as gross_amount,
        sum(total_discount_amount) as discount_amount,
        sum(total_refund_amount) as refund_amount,
        sum(total_net_amount) as net_amount

    from {{ ref('cartwise', 'cartwise__products') }}

),

days as (

    select
        sum(total_gross_amount) as gross_amount,
        sum(total_discount_amount) as discount_amount,
        sum(total_refund_amount) as refund_amount,
        sum(total_net_amount) as net_amount

    from {{ ref('cartwise', 'cartwise__daily_sales') }}

),

sums as (

    select
        'order_lines' as mart,
        order_lines.*
    from order_lines
    union all
    select
        'orders' as mart,
        orders.*
    from orders
    union all
    select
        'customers' as mart,
        customers.*
    from customers
    union all
    select
        'products' as mart,
        products.*
    from products
    union all
    select
        'days' as mart,
        days.*
    from days

)

select sums.*

from sums
cross join order_lines
where
    coalesce(sums.gross_amount, 0) <> coalesce(order_lines.gross_amount, 0)
    or coalesce(sums.discount_amount, 0) <> coalesce(order_lines.discount_amount, 0)
    or coalesce(sums.refund_amount, 0) <> coalesce(order_lines.refund_amount, 0)
    or coalesce(sums.net_amount, 0) <> coalesce(order_lines.net_amount, 0)

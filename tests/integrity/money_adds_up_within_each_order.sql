-- Net is gross less discount less refund in every line and order, and an order is the sum of its
-- lines.
with

order_lines as (

    select * from {{ ref('cartwise', 'cartwise__order_lines') }}

),

orders as (

    select * from {{ ref('cartwise', 'cartwise__orders') }}

),

line_sums as (

    select
        order_id,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_amount) as net_amount

    from order_lines
    group by 1

)

select
    order_id,
    'line' as found_in

from order_lines
where
    net_amount <> gross_amount - discount_amount - refund_amount
    or discount_amount > gross_amount
    or least(gross_amount, discount_amount, refund_amount) < 0

union all

select
    orders.order_id,
    'order' as found_in

from orders
left join line_sums on orders.order_id = line_sums.order_id
where
    orders.net_amount <> orders.gross_amount - orders.discount_amount - orders.refund_amount
    or orders.gross_amount <> coalesce(line_sums.gross_amount, 0)
    or orders.discount_amount <> coalesce(line_sums.discount_amount, 0)
    or orders.refund_amount <> coalesce(line_sums.refund_amount, 0)
    or orders.net_amount <> coalesce(line_sums.net_amount, 0)
    or (not orders.is_sale and orders.net_amount <> 0)

-- What was paid back is, over all orders, the refunds of goods by refund rows plus what went beyond
-- the goods, and the same by the day it was paid.
with

refunds as (

    select coalesce(sum(amount), 0) as amount
    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is null

),

line_refunds as (

    select coalesce(sum(refund_amount), 0) as amount
    from {{ ref('cartwise', 'int_cartwise__line_refunds') }}

),

other_refunds as (

    select coalesce(sum(other_refund_amount), 0) as amount
    from {{ ref('cartwise', 'cartwise__orders') }}

),

payouts as (

    select coalesce(sum(total_paid_back_amount), 0) as amount
    from {{ ref('cartwise', 'cartwise__daily_sales') }}

)

select
    refunds.amount as refund_amount,
    line_refunds.amount as line_refund_amount,
    other_refunds.amount as other_refund_amount,
    payouts.amount as paid_back_amount

from refunds
cross join line_refunds
cross join other_refunds
cross join payouts
where
    refunds.amount <> line_refunds.amount + other_refunds.amount
    or refunds.amount <> payouts.amount

with

refunds as (

    select * from {{ ref('cartwise', 'stg_cartwise__refunds') }}

),

orders as (

    select
        order_id,
        is_sale,
        set_aside_reason

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where order_id is not null

)

select
    refunds.order_id,
    refunds.product_id,
    refunds.quantity,
    refunds.amount,
    refunds.refunded_at,
    cast(refunds.refunded_at as date) as refund_date,
    refunds.unusable_columns,
    case
        when refunds.order_id is null then 'unusable_order_id'
        when refunds.amount is null then 'unusable_amount'
        when refunds.refunded_at is null then 'unusable_refunded_at'
        when orders.order_id is null then 'order_not_found'
        when orders.set_aside_reason = 'after_as_of_date' then 'after_as_of_date'
        when orders.set_aside_reason is not null then 'order_set_aside'
        when {{ cartwise.is_after_as_of_date('refunds.refunded_at') }} then 'after_as_of_date'
        -- a cancelled order counts as zero, so paying it back changes nothing
        when not orders.is_sale then 'order_is_no_sale'
    end as set_aside_reason

from refunds
left join orders on refunds.order_id = orders.order_id

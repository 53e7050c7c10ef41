with

refunds as (

    select
        order_id,
        product_id,
        amount

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is null

),

-- summed before any join, so that several refunds or several lines cannot multiply each other
order_refunds as (

    select
        order_id,
        sum(amount) as refund_amount

    from refunds
    group by 1

),

product_refunds as (

    select
        order_id,
        product_id,
        sum(amount) as refund_amount

    from refunds
    where product_id is not null
    group by 1, 2

),

purchase_lines as (

    select
        order_line_amounts.order_line_id,
        order_line_amounts.order_id,
        order_line_amounts.product_id,
        order_line_amounts.sold_amount,
        order_refunds.refund_amount as order_refund_amount

    from {{ ref('cartwise', 'int_cartwise__order_line_amounts') }} as order_line_amounts
    inner join order_refunds on order_line_amounts.order_id = order_refunds.order_id
    where order_line_amounts.is_purchase

),

-- a product's refund fills the lines of that product one after the other
product_filled_lines as (

    select
        purchase_lines.*,
        greatest(
            least(
                purchase_lines.sold_amount,
                coalesce(product_refunds.refund_amount, 0)
                - coalesce(sum(purchase_lines.sold_amount) over (
                    partition by purchase_lines.order_id, purchase_lines.product_id
                    order by purchase_lines.order_line_id
                    rows between unbounded preceding and 1 preceding
                ), 0)
            ),
            0
        ) as product_refund_amount

    from purchase_lines
    left join product_refunds
        on
            purchase_lines.order_id = product_refunds.order_id
            and purchase_lines.product_id = product_refunds.product_id

),

-- what is left of the order's refunds falls on what is left of its lines, in proportion
remaining_lines as (

    select
        *,
        sold_amount - product_refund_amount as remaining_amount,
        sum(sold_amount - product_refund_amount) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as running_remaining_amount,
        sum(sold_amount - product_refund_amount) over (partition by order_id)
            as order_remaining_amount,
        order_refund_amount - sum(product_refund_amount) over (partition by order_id)
            as order_pool_amount

    from product_filled_lines

)

select
    order_line_id,
    order_id,
    cast(
        product_refund_amount + {{ cartwise.allocate_amount(
            'least(order_pool_amount, order_remaining_amount)',
            'remaining_amount',
            'running_remaining_amount',
            'order_remaining_amount',
        ) }} as {{ cartwise.type_money() }}
    ) as refund_amount

from remaining_lines

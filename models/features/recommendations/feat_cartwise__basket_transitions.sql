with

cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

purchase_days as (

    select * from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

),

baskets as (

    select
        customer_number,
        basket_number,
        order_date,
        count(*) as count_products

    from purchase_days
    group by 1, 2, 3

),

next_baskets as (

    select
        customer_number,
        basket_number,
        order_date,
        count_products,
        lead(order_date) over (partition by customer_number order by basket_number)
            as next_order_date,
        lead(count_products) over (partition by customer_number order by basket_number)
            as count_next_products

    from baskets

),

-- a transition is named by the basket that it starts from
transitions as (

    select
        customer_number,
        basket_number,
        cast(customer_number as bigint) * 65536 + basket_number as group_number,
        next_order_date

    from next_baskets
    where
        next_order_date is not null
        and greatest(count_products, count_next_products) <= {{ var('basket_max_products') }}

),

sides as (

    select
        transitions.group_number,
        transitions.next_order_date,
        purchase_days.product_number,
        max(case when purchase_days.basket_number = transitions.basket_number then 1.0 else 0.0 end)
            as left_weight,
        max(case when purchase_days.basket_number > transitions.basket_number then 1.0 else 0.0 end)
            as right_weight

    from transitions
    inner join purchase_days
        on
            transitions.customer_number = purchase_days.customer_number
            and (
                transitions.basket_number = purchase_days.basket_number
                or transitions.basket_number + 1 = purchase_days.basket_number
            )
    group by 1, 2, 3

)

select
    cutoffs.cutoff_number,
    sides.group_number,
    sides.product_number,
    cast(sides.left_weight as double) as left_weight,
    cast(sides.right_weight as double) as right_weight

from cutoffs
inner join sides on cutoffs.cutoff_date >= sides.next_order_date

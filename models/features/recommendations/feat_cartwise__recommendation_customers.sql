{%- set horizon = var('churn_horizon_days') -%}

with

cutoffs as (

    select * from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

shoppers as (

    select * from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

baskets as (

    select distinct
        customer_number,
        basket_number,
        order_date

    from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

),

histories as (

    select
        cutoffs.cutoff_number,
        baskets.customer_number,
        max(case when baskets.order_date <= cutoffs.cutoff_date then baskets.basket_number end)
            as count_baskets,
        max(case when baskets.order_date <= cutoffs.cutoff_date then baskets.order_date end)
            as last_basket_date,
        min(case when baskets.order_date > cutoffs.cutoff_date then baskets.order_date end)
            as next_basket_date

    from cutoffs
    cross join baskets
    where
        baskets.order_date <= cutoffs.cutoff_date
        or {{ cartwise.days_between('cutoffs.cutoff_date', 'baskets.order_date') }} <= {{ horizon }}
    group by 1, 2

)

-- whoever was active within a year or so gets a list today; of the buyers at an earlier date, those
-- whose next basket is known and came within the window are enough to learn from and to measure
select
    cutoffs.cutoff_number,
    shoppers.customer_number,
    shoppers.customer_id,
    shoppers.hash_share,
    cutoffs.cutoff_date,
    cutoffs.recommendation_role as role,
    coalesce(histories.count_baskets, 0) as count_baskets,
    histories.last_basket_date,
    case when not cutoffs.is_score_date then histories.next_basket_date end as next_basket_date

from cutoffs
cross join shoppers
left join histories
    on
        cutoffs.cutoff_number = histories.cutoff_number
        and shoppers.customer_number = histories.customer_number
where
    (
        cutoffs.is_score_date
        and {{ cartwise.days_between('shoppers.last_activity_date', 'cutoffs.cutoff_date') }}
        <= {{ 4 * horizon }}
    )
    or (
        not cutoffs.is_score_date
        and histories.count_baskets is not null
        and histories.next_basket_date is not null
        and shoppers.hash_share < cutoffs.sample_share
    )

-- Probabilities lie in 0-1, the ends of a range on either side of its middle, and days within the
-- horizon.
with

risks as (

    select * from {{ ref('cartwise', 'cartwise__churn_risk') }}

),

next_purchases as (

    select * from {{ ref('cartwise', 'cartwise__next_purchases') }}

)

select
    customer_id,
    'churn' as model

from risks
where
    churn_probability not between 0 and 1
    or revenue_at_risk not between 0 and year_net_amount

union all

select
    customer_id,
    'next_purchase' as model

from next_purchases
where
    order_probability not between 0 and 1
    or earliest_days <= 0
    or expected_days not between earliest_days and latest_days
    or latest_days > {{ var('churn_horizon_days') }} + 0.5
    or low_order_value < 0
    or expected_order_value not between low_order_value and high_order_value
    or expected_next_order_date <= as_of_date
    or (is_overdue and overdue_days <= 0)

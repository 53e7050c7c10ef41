-- Features and outcomes are of the same customers at the same dates, and an outcome is known just
-- where its window is over, unless the shop's own labels are the outcomes.
with

features as (

    select
        customer_id,
        cutoff_date

    from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

outcomes as (

    select
        customer_id,
        cutoff_date,
        is_churned,
        days_to_next_order

    from {{ ref('cartwise', 'feat_cartwise__customer_outcomes') }}

),

cutoffs as (

    select
        cutoff_date,
        is_score_date,
        has_outcome

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}

)

select
    features.customer_id,
    features.cutoff_date,
    outcomes.customer_id as outcome_customer_id,
    outcomes.cutoff_date as outcome_cutoff_date

from features
full outer join outcomes
    on
        features.customer_id = outcomes.customer_id
        and features.cutoff_date = outcomes.cutoff_date
left join cutoffs on outcomes.cutoff_date = cutoffs.cutoff_date
where
    features.customer_id is null
    or outcomes.customer_id is null
    or (
        cutoffs.has_outcome <> (outcomes.is_churned is not null)
        and not ({{ "cutoffs.is_score_date" if var('churn_label') == 'input' else 'false' }})
    )
    or outcomes.days_to_next_order not between 1 and {{ var('churn_horizon_days') }}

{%- set features = cartwise.customer_features() -%}

with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

outcomes as (

    select
        customer_id as outcome_customer_id,
        cutoff_date as outcome_cutoff_date,
        example_group,
        is_churned

    from {{ ref('cartwise', 'feat_cartwise__customer_outcomes') }}

),

folds as (

    select
        fold_id,
        example_group as fold_group,
        role

    from {{ ref('cartwise', 'feat_cartwise__folds') }}
    where
        model = 'churn'
        and role in ('test', 'score')

),

weights as (

    {{ cartwise.customer_weights(
        ref('cartwise', 'ml_cartwise__churn_weights'), "model = 'churn'"
    ) }}

),

recency_weights as (

    select
        fold_id as recency_fold_id,
        max(case when term = 'intercept' then weight end) as recency_intercept,
        max(case when term = 'recency_days' then weight / scale end) as recency_weight,
        max(case when term = 'recency_days' then center end) as recency_center

    from {{ ref('cartwise', 'ml_cartwise__churn_weights') }}
    where model = 'recency_only'
    group by 1

),

contributions as (

    select
        customers.customer_id,
        customers.cutoff_date,
        weights.fold_id,
        folds.role,
        outcomes.is_churned,
        weights.intercept,
        {%- for feature in features %}
        {{ cartwise.contribution(feature) }} as contribution_{{ feature }},
        {%- endfor %}
        recency_weights.recency_intercept
        + recency_weights.recency_weight * (
            {{ cartwise.feature_value('recency_days', 'customers') }}
            - recency_weights.recency_center
        ) as baseline_logit

    from customers
    inner join outcomes
        on
            customers.customer_id = outcomes.outcome_customer_id
            and customers.cutoff_date = outcomes.outcome_cutoff_date
    inner join folds on outcomes.example_group = folds.fold_group
    inner join weights on folds.fold_id = weights.fold_id
    inner join recency_weights on folds.fold_id = recency_weights.recency_fold_id

),

logits as (

    select
        *,
        intercept
        {%- for feature in features %}
        + contribution_{{ feature }}
        {%- endfor %} as logit

    from contributions

)

select
    customer_id,
    cutoff_date,
    fold_id,
    role,
    is_churned,
    logit,
    1 / (1 + exp(-logit)) as probability,
    baseline_logit,
    1 / (1 + exp(-baseline_logit)) as baseline_probability,
    {%- for feature in features %}
    contribution_{{ feature }},
    {%- endfor %}
    intercept

from logits

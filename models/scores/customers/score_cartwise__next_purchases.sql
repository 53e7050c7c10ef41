{%- set features = cartwise.customer_features() -%}
{%- set horizon = var('churn_horizon_days') -%}
{%- set terms = ['residual_p10', 'residual_p50', 'residual_p90', 'population_median'] -%}
{%- set weights = ref('cartwise', 'ml_cartwise__next_purchase_weights') -%}

with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

outcomes as (

    select
        customer_id as outcome_customer_id,
        cutoff_date as outcome_cutoff_date,
        days_to_next_order,
        next_order_value

    from {{ ref('cartwise', 'feat_cartwise__customer_outcomes') }}

),

folds as (

    select
        fold_id,
        example_group,
        role

    from {{ ref('cartwise', 'feat_cartwise__folds') }}
    where
        model = 'next_purchase'
        and role in ('test', 'score')

),

days_weights as (

    {{ cartwise.customer_weights(weights, "target = 'days'") }}

),

value_weights as (

    {{ cartwise.customer_weights(weights, "target = 'value'") }}

),

residuals as (

    select
        fold_id,
        {%- for target in ('days', 'value') %}
        {%- for term in terms %}
        max(case when target = '{{ target }}' and term = '{{ term }}' then weight end)
            as {{ target }}_{{ term }},
        {%- endfor %}
        {%- endfor %}
        count(*) as count_terms

    from {{ weights }}
    group by 1

),

-- days stand on the scale of the logit of their share of the window, amounts on that of the
-- logarithm
predictions as (

    select
        customers.customer_id,
        customers.cutoff_date,
        folds.fold_id,
        folds.role,
        customers.count_orders,
        customers.recency_days,
        customers.average_gap_days,
        customers.sd_gap_days,
        customers.average_order_value,
        outcomes.days_to_next_order,
        outcomes.next_order_value,
        {%- for target in ('days', 'value') %}
        {%- for term in terms %}
        residuals.{{ target }}_{{ term }},
        {%- endfor %}
        {%- endfor %}
        days_weights.intercept
        {%- for feature in features %}
        + {{ cartwise.contribution(feature, 'days_weights') }}
        {%- endfor %} as days_prediction,
        value_weights.intercept
        {%- for feature in features %}
        + {{ cartwise.contribution(feature, 'value_weights') }}
        {%- endfor %} as value_prediction

    from customers
    inner join outcomes
        on
            customers.customer_id = outcomes.outcome_customer_id
            and customers.cutoff_date = outcomes.outcome_cutoff_date
    inner join folds
        on cast(customers.cutoff_date as {{ dbt.type_string() }}) = folds.example_group
    inner join days_weights on folds.fold_id = days_weights.fold_id
    inner join value_weights on folds.fold_id = value_weights.fold_id
    inner join residuals on folds.fold_id = residuals.fold_id

)

select
    customer_id,
    cutoff_date,
    role,
    count_orders,
    recency_days,
    average_gap_days,
    sd_gap_days,
    days_to_next_order,
    next_order_value,
    {%- for share in ('p10', 'p50', 'p90') %}
    0.5 + {{ horizon }} / (1 + exp(-days_prediction - days_residual_{{ share }}))
        as days_{{ share }},
    greatest(exp(value_prediction + value_residual_{{ share }}) - 1, 0)
        as value_{{ share }},
    {%- endfor %}
    -- what one would say without a model: a customer's own mean gap after the last order, tomorrow
    -- if that has passed
    least(
        greatest(coalesce(average_gap_days - recency_days, days_population_median), 1.0),
        {{ horizon }}
    ) as own_gap_days,
    days_population_median as median_days,
    average_order_value as own_average_value,
    value_population_median as median_value

from predictions

{%- set gates = cartwise.sufficiency_gates() -%}
{%- set descriptions = {
    'buyers': 'customers who have ordered',
    'history_days': 'days from the first order to the as-of date',
    'recent_orders': 'orders in the last 30 days',
    'loyal_customers': 'customers with three or more orders',
    'test_folds': 'earlier dates, with the outcomes known, that the model can be tested on',
    'positives': 'examples to learn from with the outcome',
    'negatives': 'examples to learn from without the outcome',
    'outcome_share': 'share of the examples to learn from with the outcome',
} -%}
{%- set model_gates = {
    'segments': ['buyers'],
    'churn': descriptions.keys() | list,
    'next_purchase': descriptions.keys() | list,
} -%}

with

as_of_date as (

    select * from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

purchases as (

    select
        customer_id,
        order_date

    from {{ ref('cartwise', 'int_cartwise__orders') }}
    where is_purchase

),

folds as (

    select * from {{ ref('cartwise', 'int_cartwise__folds') }}

),

examples as (

    select
        example_group,
        is_churned,
        days_to_next_order

    from {{ ref('cartwise', 'feat_cartwise__customer_examples') }}

),

order_counts as (

    select
        customer_id,
        count(*) as count_orders

    from purchases
    where customer_id is not null
    group by 1

),

customer_counts as (

    select
        count(*) as buyers,
        coalesce(sum(case when count_orders >= 3 then 1 else 0 end), 0) as loyal_customers

    from order_counts

),

recent_counts as (

    select count(*) as recent_orders

    from purchases
    cross join as_of_date
    where {{ cartwise.days_between('purchases.order_date', 'as_of_date.as_of_date') }} < 30

),

test_folds as (

    select
        model,
        count(*) as test_folds

    from folds
    where role = 'test'
    group by 1

),

scored_folds as (

    select
        model,
        fold_id

    from folds
    where role = 'score'

),

-- outcomes among what the model of the scored customers learns from
outcome_counts as (

    select
        folds.model,
        sum(
            case
                when folds.model = 'churn' then examples.is_churned
                when examples.days_to_next_order is not null then 1
                else 0
            end
        ) as positives,
        count(*) as count_examples

    from folds
    inner join scored_folds
        on
            folds.model = scored_folds.model
            and folds.fold_id = scored_folds.fold_id
    inner join examples on folds.example_group = examples.example_group
    where folds.role in ('train', 'calibrate')
    group by 1

),

models as (

    {% for model in model_gates -%}
    select '{{ model }}' as model
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

),

measured as (

    select
        models.model,
        as_of_date.as_of_date,
        cast(customer_counts.buyers as double) as buyers,
        cast(
            {{ cartwise.days_between('as_of_date.first_order_date', 'as_of_date.as_of_date') }}
            as double
        ) as history_days,
        cast(recent_counts.recent_orders as double) as recent_orders,
        cast(customer_counts.loyal_customers as double) as loyal_customers,
        cast(coalesce(test_folds.test_folds, 0) as double) as test_folds,
        cast(coalesce(outcome_counts.positives, 0) as double) as positives,
        cast(coalesce(outcome_counts.count_examples - outcome_counts.positives, 0) as double)
            as negatives,
        outcome_counts.positives / cast(outcome_counts.count_examples as double)
            as outcome_share

    from models
    cross join as_of_date
    cross join customer_counts
    cross join recent_counts
    left join test_folds on models.model = test_folds.model
    left join outcome_counts on models.model = outcome_counts.model

),

gate_values as (

    select
        model,
        as_of_date,
        gate,
        gate_value

    from measured
    unpivot include nulls (gate_value for gate in ({{ descriptions | join(', ') }}))

),

gates as (

    {% for model, names in model_gates.items() -%}
    {%- set outer = loop -%}
    {%- for gate in names -%}
    select
        '{{ model }}' as model,
        '{{ gate }}' as gate,
        cast({{ gates.get(gate, {'test_folds': 1, 'outcome_share': 0.01}.get(gate)) }} as double)
            as least_value,
        cast({{ 0.99 if gate == 'outcome_share' else 'null' }} as double) as most_value,
        '{{ descriptions[gate] }}' as description
    {% if not (loop.last and outer.last) %}union all
    {% endif %}
    {%- endfor %}
    {%- endfor %}

)

select
    gates.model,
    gates.gate,
    gates.description,
    gate_values.gate_value,
    gates.least_value,
    gates.most_value,
    coalesce(
        gate_values.gate_value >= gates.least_value
        and (gates.most_value is null or gate_values.gate_value <= gates.most_value),
        false
    ) as is_met,
    gate_values.as_of_date

from gates
inner join gate_values
    on
        gates.model = gate_values.model
        and gates.gate = gate_values.gate

{%- set gates = cartwise.sufficiency_gates() -%}
{%- set descriptions = {
    'next_baskets': 'customers whose next order came within the last window, to learn from',
    'earlier_next_baskets': 'customers whose next order came within the window before, to test by',
    'repurchases': 'times that somebody bought a product again within the last window',
} -%}

with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

customer_counts as (

    select
        sum(case when role = 'test' then 1 else 0 end) as next_baskets,
        sum(case when role = 'train' then 1 else 0 end) as earlier_next_baskets

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where next_basket_date is not null

),

repurchase_counts as (

    select count(*) as repurchases

    from {{ ref('cartwise', 'feat_cartwise__purchase_days') }} as purchase_days
    cross join as_of_date
    where
        purchase_days.gap_days is not null
        and {{ cartwise.days_between('purchase_days.order_date', 'as_of_date.as_of_date') }}
        < {{ var('churn_horizon_days') }}

),

measured as (

    select
        as_of_date.as_of_date,
        cast(coalesce(customer_counts.next_baskets, 0) as double) as next_baskets,
        cast(coalesce(customer_counts.earlier_next_baskets, 0) as double) as earlier_next_baskets,
        cast(repurchase_counts.repurchases as double) as repurchases

    from as_of_date
    cross join customer_counts
    cross join repurchase_counts

),

gate_values as (

    select
        as_of_date,
        gate,
        gate_value

    from measured
    unpivot include nulls (gate_value for gate in ({{ descriptions | join(', ') }}))

),

gates as (

    {% for gate, description in descriptions.items() -%}
    select
        '{{ 'replenishment' if gate == 'repurchases' else 'recommendations' }}' as model,
        '{{ gate }}' as gate,
        '{{ description }}' as description
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

)

select
    gates.model,
    gates.gate,
    gates.description,
    gate_values.gate_value,
    cast({{ gates.next_baskets }} as double) as least_value,
    cast(null as double) as most_value,
    gate_values.gate_value >= {{ gates.next_baskets }} as is_met,
    gate_values.as_of_date

from gates
inner join gate_values on gates.gate = gate_values.gate

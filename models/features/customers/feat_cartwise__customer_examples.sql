with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

outcomes as (

    select * from {{ ref('cartwise', 'feat_cartwise__customer_outcomes') }}
    where is_churned is not null

),

-- the order spreads customers evenly over the rows, so that any part of them is a sample
examples as (

    select
        row_number() over (
            order by
                {{ cartwise.hash_share('customers.customer_id') }},
                customers.customer_id,
                customers.cutoff_date
        ) as sample_id,
        customers.*,
        outcomes.example_group,
        outcomes.is_churned,
        outcomes.days_to_next_order,
        outcomes.next_order_value

    from customers
    inner join outcomes
        on
            customers.customer_id = outcomes.customer_id
            and customers.cutoff_date = outcomes.cutoff_date

)

select
    cast(sample_id as bigint) as sample_id,
    {%- for feature in cartwise.customer_features() %}
    {{ cartwise.feature_value(feature) }} as {{ feature }},
    {%- endfor %}
    example_group,
    cast(case when is_churned then 1 else 0 end as double) as is_churned,
    cast(days_to_next_order as double) as days_to_next_order,
    next_order_value

from examples
-- what one machine learns from at once
where sample_id <= 1000000

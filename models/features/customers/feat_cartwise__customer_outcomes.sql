{%- set horizon = var('churn_horizon_days') -%}

with

cutoffs as (

    select
        cutoff_date,
        is_score_date,
        has_outcome

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}

),

customers as (

    select
        customer_id,
        cutoff_date

    from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

purchase_days as (

    select
        customer_id,
        activity_date,
        gross_amount - discount_amount as order_value

    from {{ ref('cartwise', 'feat_cartwise__customer_days') }}
    where count_orders > 0

),

labels as (

    select
        customer_id,
        {{ 'churned' if var('churn_label') == 'input' else 'cast(null as boolean)' }} as churned

    from {{ ref('cartwise', 'stg_cartwise__customers') }}

),

next_purchases as (

    select
        customers.customer_id,
        customers.cutoff_date,
        min(purchase_days.activity_date) as next_purchase_date,
        min_by(purchase_days.order_value, purchase_days.activity_date) as next_order_value

    from customers
    inner join cutoffs on customers.cutoff_date = cutoffs.cutoff_date
    inner join purchase_days
        on
            customers.customer_id = purchase_days.customer_id
            and customers.cutoff_date < purchase_days.activity_date
    where
        cutoffs.has_outcome
        and {{ cartwise.days_between('customers.cutoff_date', 'purchase_days.activity_date') }}
        <= {{ horizon }}
    group by 1, 2

)

select
    customers.customer_id,
    customers.cutoff_date,
    {%- if var('churn_label') == 'orders' %}
    cast(customers.cutoff_date as {{ dbt.type_string() }}) as example_group,
    {%- else %}
    case
        when not cutoffs.is_score_date then cast(customers.cutoff_date as {{ dbt.type_string() }})
        when labels.churned is null then 'unlabelled'
        else
            'bucket '
            || cast(
                cast(floor({{ cartwise.hash_share('customers.customer_id') }} * 5) as bigint)
                as {{ dbt.type_string() }}
            )
    end as example_group,
    {%- endif %}
    case
        when cutoffs.is_score_date then labels.churned
        when cutoffs.has_outcome then next_purchases.customer_id is null
    end as is_churned,
    cast(
        {{ cartwise.days_between('customers.cutoff_date', 'next_purchases.next_purchase_date') }}
        as bigint
    ) as days_to_next_order,
    cast(next_purchases.next_order_value as double) as next_order_value

from customers
inner join cutoffs on customers.cutoff_date = cutoffs.cutoff_date
left join next_purchases
    on
        customers.customer_id = next_purchases.customer_id
        and customers.cutoff_date = next_purchases.cutoff_date
left join labels on customers.customer_id = labels.customer_id

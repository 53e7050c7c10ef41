{#- Outcome windows must not overlap between learning, calibration and test, so tests lie one
    horizon apart, and a test needs cutoffs for learning up to four horizons before it. -#}
{%- set horizon = var('churn_horizon_days') -%}
{%- set thirds = [0, 1] + range(3, 23) | list -%}

with

as_of_date as (

    select * from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

offsets as (

    {% for third in thirds -%}
    select
        {{ loop.index0 }} as cutoff_number,
        {{ horizon * third // 3 }} as offset_days
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

),

dates as (

    select
        offsets.cutoff_number,
        offsets.offset_days,
        as_of_date.first_order_date,
        cast({{ cartwise.add_days('as_of_date.as_of_date', '-offsets.offset_days') }} as date)
            as cutoff_date

    from as_of_date
    cross join offsets
    where as_of_date.as_of_date is not null

),

first_purchases as (

    select
        customer_id,
        min(order_date) as first_purchase_date

    from {{ ref('cartwise', 'int_cartwise__orders') }}
    where
        is_purchase
        and customer_id is not null
    group by 1

),

new_buyers as (

    select
        first_purchase_date,
        count(*) as count_customers

    from first_purchases
    group by 1

),

buyers as (

    select
        dates.cutoff_number,
        coalesce(sum(new_buyers.count_customers), 0) as count_buyers

    from dates
    left join new_buyers on dates.cutoff_date >= new_buyers.first_purchase_date
    group by 1

)

select
    dates.cutoff_date,
    dates.cutoff_number,
    dates.offset_days,
    dates.cutoff_number = 0 as is_score_date,
    dates.cutoff_number = 1 as is_previous_date,
    dates.offset_days >= {{ horizon }} as has_outcome,
    case dates.offset_days
        when 0 then 'score'
        when {{ horizon }} then 'test'
        when {{ 2 * horizon }} then 'train'
    end as recommendation_role,
    cast(buyers.count_buyers as bigint) as count_buyers,
    -- customers at earlier dates serve to learn and to measure, for which a sample is enough
    case
        when dates.cutoff_number <= 1 then 1.0
        else least(1.0, 20000 / nullif(cast(buyers.count_buyers as double), 0))
    end as sample_share

from dates
inner join buyers on dates.cutoff_number = buyers.cutoff_number
where
    dates.cutoff_number = 0
    or {{ cartwise.days_between('dates.first_order_date', 'dates.cutoff_date') }} >= {{ horizon }}

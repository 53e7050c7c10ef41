with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

predictions as (

    select
        predictions.*,
        as_of_date.as_of_date

    from {{ ref('cartwise', 'score_cartwise__next_purchases') }} as predictions
    inner join as_of_date on predictions.cutoff_date = as_of_date.as_of_date

),

churn_scores as (

    select
        scores.customer_id,
        scores.probability

    from {{ ref('cartwise', 'score_cartwise__churn') }} as scores
    inner join as_of_date on scores.cutoff_date = as_of_date.as_of_date

)

select
    predictions.customer_id,
    predictions.count_orders = 1 as has_one_order,
    1 - churn_scores.probability as order_probability,
    cast(predictions.days_p50 as double) as expected_days,
    cast(predictions.days_p10 as double) as earliest_days,
    cast(predictions.days_p90 as double) as latest_days,
    cast(
        {{ cartwise.add_days('predictions.as_of_date', 'predictions.days_p50') }} as date
    ) as expected_next_order_date,
    cast(predictions.value_p50 as {{ cartwise.type_money() }}) as expected_order_value,
    cast(predictions.value_p10 as {{ cartwise.type_money() }}) as low_order_value,
    cast(predictions.value_p90 as {{ cartwise.type_money() }}) as high_order_value,
    predictions.average_gap_days,
    case
        when predictions.average_gap_days is not null
            then greatest(predictions.recency_days - predictions.average_gap_days, 0.0)
    end as overdue_days,
    -- late by more than one's own spread; with one gap there is no spread yet, so twice the gap
    coalesce(
        predictions.recency_days
        > predictions.average_gap_days + coalesce(
            predictions.sd_gap_days, predictions.average_gap_days
        ),
        false
    ) as is_overdue,
    predictions.as_of_date

from predictions
left join churn_scores on predictions.customer_id = churn_scores.customer_id

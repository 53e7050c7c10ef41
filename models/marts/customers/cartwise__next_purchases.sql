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

next_products as (

    select
        shoppers.customer_id,
        products.product_id,
        recommendations.probability

    from {{ ref('cartwise', 'score_cartwise__recommendations') }} as recommendations
    inner join {{ ref('cartwise', 'feat_cartwise__shoppers') }} as shoppers
        on recommendations.customer_number = shoppers.customer_number
    inner join {{ ref('cartwise', 'feat_cartwise__products') }} as products
        on recommendations.product_number = products.product_number
    where
        recommendations.role = 'score'
        and recommendations.place = 1

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
    next_products.product_id as next_product_id,
    next_products.probability as next_product_probability,
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
left join next_products on predictions.customer_id = next_products.customer_id

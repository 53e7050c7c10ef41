with

churn_scores as (

    select
        fold_id,
        customer_id,
        cast(case when is_churned then 1 else 0 end as double) as outcome,
        probability,
        baseline_probability

    from {{ ref('cartwise', 'score_cartwise__churn') }}
    where
        role = 'test'
        and is_churned is not null

),

churn_predictions as (

    select
        fold_id,
        customer_id,
        outcome,
        'model' as predictor,
        probability

    from churn_scores

    union all

    select
        fold_id,
        customer_id,
        outcome,
        'baseline' as predictor,
        baseline_probability as probability

    from churn_scores

),

ranked_predictions as (

    select
        *,
        -- the average rank of equal probabilities
        rank() over (partition by fold_id, predictor order by probability)
        + (count(*) over (partition by fold_id, predictor, probability) - 1) / 2.0 as average_rank,
        ntile(10) over (partition by fold_id, predictor order by probability, customer_id)
            as decile,
        -ln(
            greatest(case when outcome = 1 then probability else 1 - probability end, 1e-15)
        ) as loss

    from churn_predictions

),

deciles as (

    select
        fold_id,
        predictor,
        decile,
        count(*) * abs({{ cartwise.stable_avg('probability - outcome') }}) as gap

    from ranked_predictions
    group by 1, 2, 3

),

calibration as (

    select
        fold_id,
        predictor,
        -- over decimals, so that the order of adding does not matter
        cast(sum(cast(gap as decimal(38, 15))) as double) as total_gap

    from deciles
    group by 1, 2

),

churn_sums as (

    select
        fold_id,
        predictor,
        count(*) as count_customers,
        -- Mann and Whitney (1947): the share of pairs in the right order
        (
            sum(case when outcome = 1 then average_rank else 0 end)
            - sum(outcome) * (sum(outcome) + 1) / 2.0
        ) / nullif(sum(outcome) * sum(1 - outcome), 0) as auc,
        {{ cartwise.stable_avg('power(probability - outcome, 2)') }} as brier,
        {{ cartwise.stable_avg('loss') }} as log_loss

    from ranked_predictions
    group by 1, 2

),

churn_measures as (

    select
        churn_sums.*,
        calibration.total_gap / churn_sums.count_customers as calibration_error

    from churn_sums
    inner join calibration
        on
            churn_sums.fold_id = calibration.fold_id
            and churn_sums.predictor = calibration.predictor

),

churn_metrics as (

    {% for metric in ['auc', 'brier', 'log_loss', 'calibration_error'] -%}
    select
        'churn' as model,
        fold_id,
        '{{ metric }}' as metric,
        max(case when predictor = 'model' then {{ metric }} end) as metric_value,
        max(case when predictor = 'baseline' then {{ metric }} end) as baseline_value,
        'recency alone' as baseline,
        max(count_customers) as count_rows

    from churn_measures
    group by 2
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

),

next_purchases as (

    select
        *,
        cast(cutoff_date as {{ dbt.type_string() }}) as fold_id

    from {{ ref('cartwise', 'score_cartwise__next_purchases') }}
    where
        role = 'test'
        and days_to_next_order is not null

),

next_purchase_metrics as (

    select
        'next_purchase' as model,
        fold_id,
        'days_mae' as metric,
        {{ cartwise.stable_avg('abs(days_p50 - days_to_next_order)') }} as metric_value,
        {{ cartwise.stable_avg('abs(median_days - days_to_next_order)') }} as baseline_value,
        'population median' as baseline,
        count(*) as count_rows

    from next_purchases
    group by 2

    union all

    select
        'next_purchase' as model,
        fold_id,
        'days_mae_repeat' as metric,
        {{ cartwise.stable_avg('abs(days_p50 - days_to_next_order)') }} as metric_value,
        {{ cartwise.stable_avg('abs(own_gap_days - days_to_next_order)') }} as baseline_value,
        'own mean gap' as baseline,
        count(*) as count_rows

    from next_purchases
    where average_gap_days is not null
    group by 2

    union all

    select
        'next_purchase' as model,
        fold_id,
        'days_coverage' as metric,
        sum(case when days_to_next_order between days_p10 and days_p90 then 1 else 0 end)
        / cast(count(*) as double) as metric_value,
        0.8 as baseline_value,
        'intended' as baseline,
        count(*) as count_rows

    from next_purchases
    group by 2

    union all

    select
        'next_purchase' as model,
        fold_id,
        'value_mae' as metric,
        {{ cartwise.stable_avg('abs(value_p50 - next_order_value)') }} as metric_value,
        {{ cartwise.stable_avg('abs(median_value - next_order_value)') }} as baseline_value,
        'population median' as baseline,
        count(*) as count_rows

    from next_purchases
    group by 2

    union all

    select
        'next_purchase' as model,
        fold_id,
        'value_mae_repeat' as metric,
        {{ cartwise.stable_avg('abs(value_p50 - next_order_value)') }} as metric_value,
        {{ cartwise.stable_avg('abs(own_average_value - next_order_value)') }} as baseline_value,
        'own mean value' as baseline,
        count(*) as count_rows

    from next_purchases
    where average_gap_days is not null
    group by 2

    union all

    select
        'next_purchase' as model,
        fold_id,
        'value_coverage' as metric,
        sum(case when next_order_value between value_p10 and value_p90 then 1 else 0 end)
        / cast(count(*) as double) as metric_value,
        0.8 as baseline_value,
        'intended' as baseline,
        count(*) as count_rows

    from next_purchases
    group by 2

),

-- how much nearer the own centroid is than the next one; Hruschka, de Castro and Campello (2004).
-- Below 0.25 there is no structure to speak of: Kaufman and Rousseeuw (1990)
segment_metrics as (

    select
        'segments' as model,
        cast(cutoff_date as {{ dbt.type_string() }}) as fold_id,
        'silhouette' as metric,
        {{ cartwise.stable_avg(
            '(next_distance - distance) / nullif(greatest(next_distance, distance), 0)'
        ) }} as metric_value,
        0.25 as baseline_value,
        'no structure' as baseline,
        count(*) as count_rows

    from {{ ref('cartwise', 'score_cartwise__customer_segments') }}
    where
        is_score_date
        and segment_id is not null
    group by 2

)

select * from churn_metrics
union all
select * from next_purchase_metrics
union all
select * from segment_metrics

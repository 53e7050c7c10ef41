{%- set churn_metrics = ['auc', 'brier', 'log_loss', 'calibration_error'] -%}
{%- set forecasts = {
    'days': {'outcome': 'days_to_next_order', 'own': 'own_gap_days'},
    'value': {'outcome': 'next_order_value', 'own': 'own_average_value'},
} -%}

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

-- unpivoted and not put together by unions, which would compute the ranks once for each
churn_pairs as (

    select
        fold_id,
        {%- for metric in churn_metrics %}
        max(case when predictor = 'model' then {{ metric }} end) as {{ metric }},
        max(case when predictor = 'baseline' then {{ metric }} end) as {{ metric }}_baseline,
        {%- endfor %}
        max(count_customers) as count_rows

    from churn_measures
    group by 1

),

churn_metrics as (

    select
        'churn' as model,
        fold_id,
        metric,
        metric_value,
        baseline_value,
        'recency alone' as baseline,
        count_rows

    from churn_pairs
    unpivot include nulls (
        (metric_value, baseline_value) for metric in (
            {%- for metric in churn_metrics %}
            ({{ metric }}, {{ metric }}_baseline) as {{ metric }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )

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

next_purchase_errors as (

    {% for target, names in forecasts.items() -%}
    select
        fold_id,
        '{{ target }}' as target,
        average_gap_days is not null as is_repeat,
        abs({{ target }}_p50 - {{ names.outcome }}) as error,
        abs(median_{{ target }} - {{ names.outcome }}) as median_error,
        abs({{ names.own }} - {{ names.outcome }}) as own_error,
        case
            when {{ names.outcome }} between {{ target }}_p10 and {{ target }}_p90 then 1
            else 0
        end as is_covered

    from next_purchases
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

),

next_purchase_measures as (

    select
        fold_id,
        target,
        {{ cartwise.stable_avg('error') }} as mae,
        {{ cartwise.stable_avg('median_error') }} as mae_baseline,
        count(*) as mae_rows,
        {{ cartwise.stable_avg('case when is_repeat then error end') }} as mae_repeat,
        {{ cartwise.stable_avg('case when is_repeat then own_error end') }}
            as mae_repeat_baseline,
        cast(sum(case when is_repeat then 1 else 0 end) as bigint) as mae_repeat_rows,
        sum(is_covered) / cast(count(*) as double) as coverage,
        cast(0.8 as double) as coverage_baseline,
        count(*) as coverage_rows

    from next_purchase_errors
    group by 1, 2

),

next_purchase_metrics as (

    select
        'next_purchase' as model,
        fold_id,
        target || '_' || measure as metric,
        metric_value,
        baseline_value,
        case
            when measure = 'mae' then 'population median'
            when measure = 'coverage' then 'intended'
            when target = 'days' then 'own mean gap'
            else 'own mean value'
        end as baseline,
        count_rows

    from next_purchase_measures
    unpivot include nulls (
        (metric_value, baseline_value, count_rows) for measure in (
            (mae, mae_baseline, mae_rows) as mae,
            (mae_repeat, mae_repeat_baseline, mae_repeat_rows) as mae_repeat,
            (coverage, coverage_baseline, coverage_rows) as coverage
        )
    )
    where count_rows > 0

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

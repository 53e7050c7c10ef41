with

metrics as (

    select * from {{ ref('cartwise', 'score_cartwise__customer_metrics') }}
    union all
    select * from {{ ref('cartwise', 'score_cartwise__review_metrics') }}
    union all
    select * from {{ ref('cartwise', 'score_cartwise__recommendation_metrics') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

gates as (

    select * from {{ ref('cartwise', 'feat_cartwise__customer_sufficiency') }}
    union all
    select * from {{ ref('cartwise', 'feat_cartwise__review_sufficiency') }}
    union all
    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_sufficiency') }}

),

-- a model that was not learned has a row that says so
models as (

    select
        model,
        min(case when is_met then 1 else 0 end) = 1 as is_sufficient

    from gates
    group by 1

),

results as (

    select
        models.model,
        metrics.fold_id,
        coalesce(metrics.metric, 'none') as metric,
        metrics.metric_value,
        metrics.baseline_value,
        metrics.baseline,
        coalesce(metrics.count_rows, 0) as count_rows,
        case
            when not models.is_sufficient or metrics.metric_value is null then 'insufficient_data'
            when
                metrics.model = 'churn'
                and metrics.metric = 'auc'
                and metrics.metric_value > {{ cartwise.sufficiency_gates().max_feature_auc }}
                then 'leak_suspected'
            when
                case
                    -- chance alone comes to 0.5, and a little above it
                    when metrics.metric = 'auc'
                        then metrics.metric_value > greatest(metrics.baseline_value, 0.55)
                    when metrics.metric in ('days_coverage', 'value_coverage')
                        then metrics.metric_value between 0.75 and 0.85
                    when
                        metrics.metric in ('silhouette', 'accuracy', 'macro_f1')
                        or metrics.model = 'recommendations'
                        then metrics.metric_value > metrics.baseline_value
                    when metrics.metric = 'false_alarm_rate'
                        then metrics.metric_value <= metrics.baseline_value
                    else metrics.metric_value < metrics.baseline_value
                end
                then 'ok'
            else 'worse_than_baseline'
        end as status

    from models
    left join metrics on models.model = metrics.model

)

select
    results.model,
    results.fold_id,
    results.metric,
    cast(results.metric_value as double) as metric_value,
    cast(results.baseline_value as double) as baseline_value,
    results.baseline,
    cast(results.count_rows as bigint) as count_rows,
    results.status,
    '{{ cartwise.package_version() }}' as package_version,
    as_of_date.as_of_date

from results
cross join as_of_date
where as_of_date.as_of_date is not null

with

scores as (

    select
        fold_id,
        probability,
        is_churned,
        ntile(10) over (partition by fold_id order by probability, customer_id) as decile

    from {{ ref('cartwise', 'score_cartwise__churn') }}
    where role = 'test'

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

)

select
    scores.fold_id,
    cast(scores.decile as bigint) as decile,
    count(*) as count_customers,
    {{ cartwise.stable_avg('scores.probability') }} as predicted_churn_rate,
    sum(case when scores.is_churned then 1 else 0 end) / cast(count(*) as double)
        as observed_churn_rate,
    max(as_of_date.as_of_date) as as_of_date

from scores
cross join as_of_date
group by 1, 2

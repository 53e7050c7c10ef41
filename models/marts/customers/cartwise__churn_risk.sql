with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

scores as (

    select
        scores.customer_id,
        scores.logit,
        scores.intercept,
        scores.probability,
        as_of_date.as_of_date

    from {{ ref('cartwise', 'score_cartwise__churn') }} as scores
    inner join as_of_date on scores.cutoff_date = as_of_date.as_of_date

),

customers as (

    select
        customers.customer_id,
        greatest(customers.year_net_amount, 0) as year_net_amount

    from {{ ref('cartwise', 'feat_cartwise__customers') }} as customers
    inner join as_of_date on customers.cutoff_date = as_of_date.as_of_date

),

reasons as (

    select
        customer_id,
        max(case when reason_rank = 1 then reason end) as first_reason,
        max(case when reason_rank = 2 then reason end) as second_reason,
        max(case when reason_rank = 3 then reason end) as third_reason

    from {{ ref('cartwise', 'cartwise__churn_reasons') }}
    where
        reason_rank <= 3
        and contribution <> 0
    group by 1

)

select
    scores.customer_id,
    scores.probability as churn_probability,
    case
        when scores.probability >= 0.7 then 'high'
        when scores.probability >= 0.3 then 'medium'
        else 'low'
    end as risk_band,
    cast(customers.year_net_amount as {{ cartwise.type_money() }}) as year_net_amount,
    cast(
        scores.probability * cast(customers.year_net_amount as double)
        as {{ cartwise.type_money() }}
    ) as revenue_at_risk,
    reasons.first_reason,
    reasons.second_reason,
    reasons.third_reason,
    scores.logit,
    scores.intercept,
    scores.as_of_date

from scores
inner join customers on scores.customer_id = customers.customer_id
left join reasons on scores.customer_id = reasons.customer_id

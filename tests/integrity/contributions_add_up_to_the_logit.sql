-- Every churn probability can be explained: intercept and contributions of all features make its
-- logit, and the logit makes the probability.
with

risks as (

    select * from {{ ref('cartwise', 'cartwise__churn_risk') }}

),

reason_sums as (

    select
        customer_id,
        count(*) as count_features,
        sum(contribution) as total_contribution

    from {{ ref('cartwise', 'cartwise__churn_reasons') }}
    group by 1

)

select
    risks.customer_id,
    risks.logit,
    risks.intercept,
    reason_sums.total_contribution

from risks
left join reason_sums on risks.customer_id = reason_sums.customer_id
where
    coalesce(reason_sums.count_features, 0) <> {{ cartwise.customer_features() | length }}
    or abs(risks.logit - risks.intercept - reason_sums.total_contribution) > 1e-9
    or abs(risks.churn_probability - 1 / (1 + exp(-risks.logit))) > 1e-9

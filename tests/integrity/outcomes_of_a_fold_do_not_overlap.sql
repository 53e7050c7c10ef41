-- No order tells two roles of a fold at once: the outcomes to learn from are over before those to
-- calibrate on begin, and these before those to be foretold. The shop's own labels have no date.
with

folds as (

    select
        folds.model,
        folds.fold_id,
        folds.role,
        cutoffs.cutoff_date

    from {{ ref('cartwise', 'int_cartwise__folds') }} as folds
    inner join {{ ref('cartwise', 'int_cartwise__cutoffs') }} as cutoffs
        on folds.example_group = cast(cutoffs.cutoff_date as {{ dbt.type_string() }})

),

roles as (

    select
        model,
        fold_id,
        max(case when role = 'train' then cutoff_date end) as last_train_date,
        min(case when role = 'calibrate' then cutoff_date end) as first_calibrate_date,
        max(case when role = 'calibrate' then cutoff_date end) as last_calibrate_date,
        min(case when role in ('test', 'score') then cutoff_date end) as foretold_date

    from folds
    group by 1, 2

)

select *

from roles
where
    coalesce(
        {{ cartwise.days_between('last_train_date', 'first_calibrate_date') }}
        < {{ var('churn_horizon_days') }}
        or {{ cartwise.days_between('last_calibrate_date', 'foretold_date') }}
        < {{ var('churn_horizon_days') }},
        true
    )

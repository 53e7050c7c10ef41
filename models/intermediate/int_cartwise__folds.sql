{%- set horizon = var('churn_horizon_days') -%}

with

cutoffs as (

    select
        cutoff_date,
        offset_days,
        cast(cutoff_date as {{ dbt.type_string() }}) as example_group

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}

),

scored_cutoffs as (

    select * from cutoffs
    where
        offset_days = 0
        or (offset_days % {{ horizon }} = 0 and offset_days <= 3 * {{ horizon }})

),

-- the outcomes to learn from are complete before those for calibration begin, and these before the
-- outcomes to be foretold; three dates to calibrate on even out the season
dated_roles as (

    select
        scored_cutoffs.example_group as fold_id,
        cutoffs.example_group,
        case
            when cutoffs.offset_days = scored_cutoffs.offset_days
                then case when scored_cutoffs.offset_days = 0 then 'score' else 'test' end
            when cutoffs.offset_days < scored_cutoffs.offset_days + 2 * {{ horizon }}
                then 'calibrate'
            else 'train'
        end as role

    from scored_cutoffs
    inner join cutoffs
        on
            scored_cutoffs.offset_days = cutoffs.offset_days
            or (
                cutoffs.offset_days >= scored_cutoffs.offset_days + {{ horizon }}
                and cutoffs.offset_days < scored_cutoffs.offset_days + 2 * {{ horizon }}
            )
            or (
                cutoffs.offset_days >= scored_cutoffs.offset_days + {{ horizon * 8 // 3 }}
                and cutoffs.offset_days < scored_cutoffs.offset_days + {{ horizon * 14 // 3 }}
            )

),

complete_folds as (

    select fold_id

    from dated_roles
    where role in ('train', 'calibrate')
    group by 1
    having count(distinct role) = 2

),

dated_folds as (

    select
        dated_roles.fold_id,
        dated_roles.example_group,
        dated_roles.role

    from dated_roles
    inner join complete_folds on dated_roles.fold_id = complete_folds.fold_id

)
{% if var('churn_label') == 'input' %}
,

-- labels of the shop's own have no date: a fold is a fifth of the customers, scored by what was
-- learned from the others
labelled_folds as (

    {% for fold in range(6) -%}
    {%- for bucket in range(5) -%}
    select
        '{{ 'all' if fold == 5 else 'bucket ' ~ fold }}' as fold_id,
        'bucket {{ bucket }}' as example_group,
        '{{ 'test' if bucket == fold else 'calibrate' if bucket == (fold + 1) % 5 else 'train' }}' as role
    union all
    {% endfor %}
    {%- endfor %}
    select
        'all' as fold_id,
        'unlabelled' as example_group,
        'score' as role

)

select
    'churn' as model,
    fold_id,
    example_group,
    role

from labelled_folds
{%- else %}

select
    'churn' as model,
    fold_id,
    example_group,
    role

from dated_folds
{%- endif %}

union all

select
    'next_purchase' as model,
    fold_id,
    example_group,
    role

from dated_folds

{#- features that tell the outcome too well stop the build here, in the pre-hook -#}
{%- do ref('cartwise', 'feat_cartwise__leak_checks') -%}

with

folds as (

    select * from {{ ref('cartwise', 'int_cartwise__folds') }}

),

sufficient_models as (

    select model

    from {{ ref('cartwise', 'feat_cartwise__customer_sufficiency') }}
    group by 1
    having sum(case when is_met then 0 else 1 end) = 0

)

select
    folds.model,
    folds.fold_id,
    folds.example_group,
    folds.role

from folds
inner join sufficient_models on folds.model = sufficient_models.model

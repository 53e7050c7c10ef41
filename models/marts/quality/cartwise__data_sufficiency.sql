with

sufficiency as (

    select * from {{ ref('cartwise', 'feat_cartwise__customer_sufficiency') }}
    union all
    select * from {{ ref('cartwise', 'feat_cartwise__review_sufficiency') }}
    union all
    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_sufficiency') }}

)

select
    model,
    gate,
    description,
    cast(gate_value as double) as gate_value,
    least_value,
    most_value,
    is_met,
    case
        when min(case when is_met then 1 else 0 end) over (partition by model) = 1 then 'learned'
        else 'not learned'
    end as outcome,
    as_of_date

from sufficiency

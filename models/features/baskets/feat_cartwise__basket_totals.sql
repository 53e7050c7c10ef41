with

baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__baskets') }}

)

select
    cast(count(case when not is_oversize and not is_holdout then 1 end) as bigint)
        as count_baskets,
    cast(count(case when not is_oversize and is_holdout then 1 end) as bigint)
        as count_holdout_baskets,
    cast(count(case when is_oversize then 1 end) as bigint) as count_oversize_baskets

from baskets

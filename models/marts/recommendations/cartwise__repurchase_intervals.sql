with

repurchases as (

    select * from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }}

),

score_cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where is_score_date

),

products as (

    select
        product_number,
        product_id,
        product_name

    from {{ ref('cartwise', 'feat_cartwise__products') }}

)

select
    products.product_id,
    products.product_name,
    cast(repurchases.count_buyers as bigint) as count_buyers,
    cast(repurchases.count_repeat_buyers as bigint) as count_repeat_buyers,
    cast(repurchases.repurchase_rate as double) as repurchase_rate,
    repurchases.is_rebought,
    cast(repurchases.count_gaps as bigint) as count_gaps,
    repurchases.p25_gap_days,
    repurchases.median_gap_days,
    repurchases.p75_gap_days,
    score_cutoffs.cutoff_date as as_of_date

from repurchases
inner join score_cutoffs on repurchases.cutoff_number = score_cutoffs.cutoff_number
inner join products on repurchases.product_number = products.product_number

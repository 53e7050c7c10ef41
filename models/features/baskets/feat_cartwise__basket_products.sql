with

basket_lines as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_lines') }}

),

baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__baskets') }}
    where not is_oversize

),

basket_totals as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_totals') }}

),

product_counts as (

    select
        basket_lines.product_id,
        cast(count(case when not baskets.is_holdout then 1 end) as bigint) as count_baskets,
        cast(count(case when baskets.is_holdout then 1 end) as bigint) as count_holdout_baskets

    from basket_lines
    inner join baskets on basket_lines.order_id = baskets.order_id
    group by 1

)

select
    cast(
        row_number() over (order by product_counts.count_baskets, product_counts.product_id) - 1
        as integer
    ) as item_code,
    product_counts.product_id,
    product_counts.count_baskets,
    product_counts.count_holdout_baskets

from product_counts
cross join basket_totals
-- exact: a decimal share times a whole number, never a floating-point comparison at the threshold
where
    product_counts.count_baskets
    >= cast({{ var('basket_min_support') }} as decimal(9, 8)) * basket_totals.count_baskets
    and product_counts.count_baskets >= 2

with

cutoffs as (

    select
        cutoff_number,
        cutoff_date,
        is_score_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

products as (

    select
        product_number,
        coalesce(category, 'none') as category,
        is_known_active,
        first_sale_date

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

purchase_days as (

    select * from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

),

counts as (

    select
        cutoffs.cutoff_number,
        purchase_days.product_number,
        sum(case when purchase_days.purchase_number = 1 then 1 else 0 end) as count_buyers,
        sum(case when purchase_days.purchase_number = 2 then 1 else 0 end) as count_repeat_buyers,
        count(*) as count_purchases,
        count(purchase_days.gap_days) as count_gaps,
        cast(percentile_disc(0.25) within group (order by purchase_days.gap_days) as double)
            as p25_gap_days,
        cast(median(purchase_days.gap_days) as double) as median_gap_days,
        cast(percentile_disc(0.75) within group (order by purchase_days.gap_days) as double)
            as p75_gap_days,
        {{ cartwise.stable_sum(
            'power(0.5, ' ~ cartwise.days_between('purchase_days.order_date', 'cutoffs.cutoff_date')
            ~ ' / cast(30 as double))'
        ) }} as recent_purchases

    from cutoffs
    inner join purchase_days on cutoffs.cutoff_date >= purchase_days.order_date
    group by 1, 2

),

all_products as (

    select
        cutoffs.cutoff_number,
        products.product_number,
        products.category,
        coalesce(counts.count_buyers, 0) as count_buyers,
        coalesce(counts.count_repeat_buyers, 0) as count_repeat_buyers,
        coalesce(counts.count_purchases, 0) as count_purchases,
        -- what was never bought is new today if the shop says that it sells it; whether it was
        -- known at an earlier date is not recorded
        coalesce(
            {{ cartwise.days_between('products.first_sale_date', 'cutoffs.cutoff_date') }}
            between 0 and 29,
            cutoffs.is_score_date and products.is_known_active
        ) as is_new,
        coalesce(counts.recent_purchases, 0.0) as recent_purchases,
        coalesce(counts.count_gaps, 0) as count_gaps,
        counts.p25_gap_days,
        counts.median_gap_days,
        counts.p75_gap_days

    from cutoffs
    cross join products
    left join counts
        on
            cutoffs.cutoff_number = counts.cutoff_number
            and products.product_number = counts.product_number

),

totals as (

    select
        cutoff_number,
        sum(count_repeat_buyers) / nullif(cast(sum(count_buyers) as double), 0) as repeat_rate,
        {{ cartwise.stable_sum('recent_purchases') }} as recent_purchases

    from all_products
    group by 1

),

category_totals as (

    select
        all_products.cutoff_number,
        all_products.category,
        (sum(all_products.count_repeat_buyers) + 20 * max(totals.repeat_rate))
        / (sum(all_products.count_buyers) + 20) as repeat_rate

    from all_products
    inner join totals on all_products.cutoff_number = totals.cutoff_number
    group by 1, 2

),

-- few buyers say little of a product: its category counts as much as 20 of them, and the shop as
-- much as 20 of the category's
rates as (

    select
        all_products.*,
        (all_products.count_repeat_buyers + 20 * category_totals.repeat_rate)
        / (all_products.count_buyers + 20) as repurchase_rate,
        coalesce(all_products.recent_purchases / nullif(totals.recent_purchases, 0), 0.0)
            as popularity

    from all_products
    inner join totals on all_products.cutoff_number = totals.cutoff_number
    inner join category_totals
        on
            all_products.cutoff_number = category_totals.cutoff_number
            and all_products.category = category_totals.category

)

select
    cutoff_number,
    product_number,
    count_buyers,
    count_repeat_buyers,
    count_purchases,
    is_new,
    count_gaps,
    p25_gap_days,
    median_gap_days,
    p75_gap_days,
    repurchase_rate,
    coalesce(repurchase_rate >= 0.1, false) as is_rebought,
    popularity

from rates

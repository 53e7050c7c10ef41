{%- set measures = ['recall_at_10', 'ndcg_at_10', 'hit_rate_at_10', 'hit_rate_at_1'] -%}

with

customers as (

    select
        cutoff_number,
        cast(cutoff_date as {{ dbt.type_string() }}) as fold_id,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where role = 'test'

),

lists as (

    select * from {{ ref('cartwise', 'score_cartwise__recommendation_lists') }}

),

next_baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__next_baskets') }}

),

tested_baskets as (

    select
        customers.fold_id,
        next_baskets.cutoff_number,
        next_baskets.customer_number,
        max(next_baskets.count_products) as count_products

    from next_baskets
    inner join customers
        on
            next_baskets.cutoff_number = customers.cutoff_number
            and next_baskets.customer_number = customers.customer_number
    group by 1, 2, 3

),

-- a perfect list would have the products of the basket, up to ten, on its first places
basket_sizes as (

    select
        *,
        {%- for place in range(1, 11) %}
        {{ '+ ' if not loop.first -}}
        case when count_products >= {{ place }} then 1 / log2({{ place + 1 }}) else 0 end
        {%- endfor %} as ideal_gain

    from tested_baskets

),

hits as (

    select
        lists.list_name,
        lists.cutoff_number,
        lists.customer_number,
        count(*) as count_hits,
        max(case when lists.place = 1 then 1 else 0 end) as count_first_hits,
        {{ cartwise.stable_sum('1 / log2(1 + lists.place)') }} as gain

    from lists
    inner join next_baskets
        on
            lists.cutoff_number = next_baskets.cutoff_number
            and lists.customer_number = next_baskets.customer_number
            and lists.product_number = next_baskets.product_number
    group by 1, 2, 3

),

list_names as (

    select distinct list_name from lists

),

-- a customer for whom a list is empty counts, as one without hits
judged as (

    select
        list_names.list_name,
        basket_sizes.fold_id,
        {{ cartwise.stable_avg(
            'coalesce(hits.count_hits, 0) / cast(basket_sizes.count_products as double)'
        ) }} as recall_at_10,
        {{ cartwise.stable_avg('coalesce(hits.gain, 0) / basket_sizes.ideal_gain') }} as ndcg_at_10,
        {{ cartwise.stable_avg('case when hits.count_hits > 0 then 1.0 else 0.0 end') }}
            as hit_rate_at_10,
        {{ cartwise.stable_avg('coalesce(hits.count_first_hits, 0)') }} as hit_rate_at_1,
        count(*) as count_rows

    from basket_sizes
    cross join list_names
    left join hits
        on
            basket_sizes.cutoff_number = hits.cutoff_number
            and basket_sizes.customer_number = hits.customer_number
            and list_names.list_name = hits.list_name
    group by 1, 2

),

products as (

    select
        repurchases.cutoff_number,
        repurchases.product_number,
        -- bits of surprise when one of all purchases turns out to be of the product
        -log2(
            greatest(repurchases.count_purchases, 1) / cast(
                sum(repurchases.count_purchases) over (partition by repurchases.cutoff_number)
                as double
            )
        ) as novelty

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }} as repurchases
    inner join {{ ref('cartwise', 'feat_cartwise__products') }} as products
        on repurchases.product_number = products.product_number
    where products.is_offered

),

catalogues as (

    select
        cutoff_number,
        count(*) as count_products

    from products
    group by 1

),

spreads as (

    select
        lists.list_name,
        count(distinct lists.product_number) / cast(max(catalogues.count_products) as double)
            as catalogue_coverage,
        {{ cartwise.stable_avg('products.novelty') }} as novelty

    from lists
    inner join catalogues on lists.cutoff_number = catalogues.cutoff_number
    inner join products
        on
            lists.cutoff_number = products.cutoff_number
            and lists.product_number = products.product_number
    group by 1

),

list_values as (

    select
        judged.list_name,
        judged.fold_id,
        judged.count_rows,
        judged.recall_at_10,
        judged.ndcg_at_10,
        judged.hit_rate_at_10,
        judged.hit_rate_at_1,
        spreads.catalogue_coverage,
        spreads.novelty

    from judged
    inner join spreads on judged.list_name = spreads.list_name

),

metric_values as (

    select
        list_name,
        fold_id,
        count_rows,
        metric,
        metric_value

    from list_values
    unpivot (
        metric_value for metric in (
            {%- for measure in measures %}
            {{ measure }},
            {%- endfor %}
            catalogue_coverage,
            novelty
        )
    )

),

-- the whole list against the best that one does without a model, and against what is popular; a
-- strategy by itself against what is popular
comparisons as (

    select
        metric_values.list_name,
        metric_values.fold_id,
        metric_values.metric,
        metric_values.metric_value,
        metric_values.count_rows,
        baselines.list_name as baseline,
        baselines.metric_value as baseline_value

    from metric_values
    inner join metric_values as baselines on metric_values.metric = baselines.metric
    where
        metric_values.list_name not in ('global_frequency', 'personal_frequency')
        and (
            baselines.list_name = 'global_frequency'
            or (
                baselines.list_name = 'personal_frequency'
                and metric_values.list_name = 'blend'
                and metric_values.metric not in ('catalogue_coverage', 'novelty')
            )
        )

),

shops as (

    select
        cutoff_number,
        cast(median(total_gap_days / (count_baskets - 1)) as double) as median_gap_days

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where count_baskets > 1
    group by 1

),

intervals as (

    select
        cast(replenishment.cutoff_date as {{ dbt.type_string() }}) as fold_id,
        replenishment.gap_days,
        -- what is overdue is expected now
        greatest(replenishment.expected_gap_days, replenishment.recency_days) as expected_gap_days,
        greatest(shops.median_gap_days, replenishment.recency_days) as usual_gap_days

    from {{ ref('cartwise', 'score_cartwise__replenishment') }} as replenishment
    inner join shops on replenishment.cutoff_number = shops.cutoff_number
    where
        replenishment.role = 'test'
        and replenishment.gap_days is not null

)

select
    'recommendations' as model,
    case when list_name = 'blend' then fold_id else list_name end as fold_id,
    case
        when
            list_name = 'blend'
            and baseline = 'global_frequency'
            and metric not in ('catalogue_coverage', 'novelty')
            then metric || '_over_popularity'
        else metric
    end as metric,
    metric_value,
    baseline_value,
    case
        when baseline = 'global_frequency' then 'most bought of all'
        else 'most bought by the customer, then of all'
    end as baseline,
    count_rows

from comparisons

union all

select
    'replenishment' as model,
    fold_id,
    'days_mae' as metric,
    {{ cartwise.stable_avg('abs(gap_days - expected_gap_days)') }} as metric_value,
    {{ cartwise.stable_avg('abs(gap_days - usual_gap_days)') }} as baseline_value,
    'usual gap of the shop' as baseline,
    count(*) as count_rows

from intervals
group by 2

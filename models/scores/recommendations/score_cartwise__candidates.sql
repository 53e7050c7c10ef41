{%- set relations = ['also_bought', 'bought_next', 'viewed_together', 'similar'] -%}

with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where {{ cartwise.in_part('customer_number') }}

),

products as (

    select
        repurchases.*,
        row_number() over (
            partition by repurchases.cutoff_number
            order by
                case when products.is_offered then repurchases.popularity end desc nulls last,
                repurchases.product_number asc
        ) as place,
        products.is_offered

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }} as repurchases
    inner join {{ ref('cartwise', 'feat_cartwise__products') }} as products
        on repurchases.product_number = products.product_number

),

product_histories as (

    select
        histories.*,
        row_number() over (
            partition by histories.cutoff_number, histories.customer_number
            order by
                histories.recency_weight desc,
                products.popularity desc,
                histories.product_number asc
        ) as place

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }} as histories
    inner join products
        on
            histories.cutoff_number = products.cutoff_number
            and histories.product_number = products.product_number
    where
        products.is_offered
        and (products.is_rebought or histories.count_baskets > 1)
        and {{ cartwise.in_part('histories.customer_number') }}

),

view_histories as (

    select
        *,
        row_number() over (
            partition by cutoff_number, customer_number
            order by recency_weight desc, product_number asc
        ) as place

    from {{ ref('cartwise', 'feat_cartwise__view_histories') }}
    where {{ cartwise.in_part('customer_number') }}

),

customer_segments as (

    select segments.*

    from {{ ref('cartwise', 'score_cartwise__recipient_segments') }} as segments
    inner join customers
        on
            segments.cutoff_number = customers.cutoff_number
            and segments.customer_number = customers.customer_number

),

segment_favourites as (

    select * from {{ ref('cartwise', 'score_cartwise__segment_favourites') }}

),

proposals as (

    select
        cutoff_number,
        customer_number,
        product_number,
        relation as strategy,
        score,
        source_number

    from {{ ref('cartwise', 'score_cartwise__related_candidates') }}
    where {{ cartwise.in_part('customer_number') }}

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        'buy_again' as strategy,
        recency_weight as score,
        cast(null as integer) as source_number

    from product_histories
    where place <= 40

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        'viewed' as strategy,
        recency_weight as score,
        cast(null as integer) as source_number

    from view_histories
    where place <= 15

    union all

    select
        customer_segments.cutoff_number,
        customer_segments.customer_number,
        segment_favourites.product_number,
        'segment' as strategy,
        segment_favourites.buyer_share as score,
        cast(null as integer) as source_number

    from customer_segments
    inner join segment_favourites
        on
            customer_segments.cutoff_number = segment_favourites.cutoff_number
            and customer_segments.segment_type = segment_favourites.segment_type
            and customer_segments.segment = segment_favourites.segment

    union all

    select
        customers.cutoff_number,
        customers.customer_number,
        products.product_number,
        'popular' as strategy,
        products.popularity as score,
        cast(null as integer) as source_number

    from customers
    inner join products on customers.cutoff_number = products.cutoff_number
    where
        products.is_offered
        and products.place <= 30

),

pivoted as (

    select
        cutoff_number,
        customer_number,
        product_number,
        {%- for relation in relations %}
        max(case when strategy = '{{ relation }}' then score end) as {{ relation }}_score,
        max(case when strategy = '{{ relation }}' then source_number end)
            as {{ relation }}_source_number,
        {%- endfor %}
        max(case when strategy = 'viewed' then score end) as view_recency,
        max(case when strategy = 'segment' then score end) as segment_share

    from proposals
    group by 1, 2, 3

),

all_histories as (

    select
        cutoff_number,
        customer_number,
        product_number,
        count_baskets,
        count_later_baskets,
        recency_weight

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where {{ cartwise.in_part('customer_number') }}

),

dueness as (

    select
        cutoff_number,
        customer_number,
        product_number,
        (1 + recency_days) / (1 + expected_gap_days) as elapsed_ratio

    from {{ ref('cartwise', 'score_cartwise__replenishment') }}
    where {{ cartwise.in_part('customer_number') }}

)

select
    pivoted.cutoff_number,
    pivoted.customer_number,
    pivoted.product_number,
    case when all_histories.count_baskets > 0 then 1.0 else 0.0 end as buy_again__is_bought,
    coalesce(ln(1 + all_histories.count_baskets), 0.0) as buy_again__baskets,
    coalesce(ln(1 + all_histories.recency_weight), 0.0) as buy_again__recency,
    coalesce(ln(1 + all_histories.count_later_baskets), 0.0) as buy_again__later_baskets,
    case when all_histories.count_baskets > 0 then ln(1 + customers.count_baskets) else 0.0 end
        as buy_again__all_baskets,
    case when all_histories.count_baskets > 0 then ln(1 + 10000 * products.popularity) else 0.0 end
        as buy_again__popularity,
    -- one when the expected time has just passed, less before and after
    coalesce(least(dueness.elapsed_ratio, 1 / dueness.elapsed_ratio), 0.0)
        as replenishment__dueness,
    {%- for relation in relations %}
    coalesce(sqrt(pivoted.{{ relation }}_score), 0.0) as {{ relation }}__score,
    pivoted.{{ relation }}_source_number,
    {%- endfor %}
    coalesce(sqrt(pivoted.view_recency), 0.0) as viewed__recency,
    coalesce(sqrt(pivoted.segment_share), 0.0) as segment__share,
    ln(1 + 10000 * products.popularity) as popular__share,
    customers.count_baskets = 0 as is_first_purchase,
    products.is_new

from pivoted
inner join customers
    on
        pivoted.cutoff_number = customers.cutoff_number
        and pivoted.customer_number = customers.customer_number
inner join products
    on
        pivoted.cutoff_number = products.cutoff_number
        and pivoted.product_number = products.product_number
left join all_histories
    on
        pivoted.cutoff_number = all_histories.cutoff_number
        and pivoted.customer_number = all_histories.customer_number
        and pivoted.product_number = all_histories.product_number
left join dueness
    on
        pivoted.cutoff_number = dueness.cutoff_number
        and pivoted.customer_number = dueness.customer_number
        and pivoted.product_number = dueness.product_number
-- what somebody has is recommended again only where people do buy it again
where
    products.is_offered
    and (
        all_histories.count_baskets is null
        or all_histories.count_baskets > 1
        or products.is_rebought
    )

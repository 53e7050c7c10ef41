{#- whole numbers add up and compare the same in any order; a score and the product that says most
    for it fit into one -#}
{%- set packing = 16777216 -%}
{#- each relation has a source of its own; their numbers are sorted faster than their names -#}
{%- set relations = ['also_bought', 'bought_next', 'viewed_together', 'similar'] -%}

with

product_histories as (

    select
        *,
        row_number() over (
            partition by cutoff_number, customer_number
            order by recency_weight desc, last_order_date desc, product_number asc
        ) as place

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where {{ cartwise.in_part('customer_number') }}

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

customers as (

    select
        cutoff_number,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where {{ cartwise.in_part('customer_number') }}

),

interactions as (

    select
        interactions.cutoff_number,
        customers.customer_number,
        interactions.product_number,
        interactions.left_weight as recency_weight,
        row_number() over (
            partition by interactions.cutoff_number, customers.customer_number
            order by interactions.left_weight desc, interactions.product_number asc
        ) as place

    from {{ ref('cartwise', 'feat_cartwise__customer_interactions') }} as interactions
    inner join customers
        on
            interactions.cutoff_number = customers.cutoff_number
            and interactions.group_number = customers.customer_number

),

-- a taste shows in many products, a plan in the last few
sources as (

    select
        cutoff_number,
        customer_number,
        product_number,
        {{ relations.index('also_bought') }} as relation_number,
        recency_weight

    from interactions
    where place <= 100

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        {{ relations.index('similar') }} as relation_number,
        recency_weight

    from product_histories
    where place <= 15

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        {{ relations.index('bought_next') }} as relation_number,
        recency_weight

    from product_histories
    where
        place <= 15
        and count_later_baskets = 0

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        {{ relations.index('viewed_together') }} as relation_number,
        recency_weight

    from view_histories
    where place <= 15

),

weighted_sources as (

    select
        cutoff_number,
        customer_number,
        product_number,
        relation_number,
        1000000000 * recency_weight / sum(cast(round(1000000000 * recency_weight) as bigint)) over (
            partition by cutoff_number, customer_number, relation_number
        ) as weight

    from sources

),

cutoffs as (

    select distinct cutoff_number

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

),

neighbors as (

    select
        cutoff_number,
        case relation
            {%- for relation in relations %}
            when '{{ relation }}' then {{ loop.index0 }}
            {%- endfor %}
        end as relation_number,
        product_number,
        neighbor_number,
        similarity

    from {{ ref('cartwise', 'ml_cartwise__item_neighbors') }}
    where rank <= 10

    union all

    select
        cutoffs.cutoff_number,
        {{ relations.index('similar') }} as relation_number,
        product_neighbors.product_number,
        product_neighbors.neighbor_number,
        product_neighbors.similarity

    from {{ ref('cartwise', 'ml_cartwise__product_neighbors') }} as product_neighbors
    cross join cutoffs

),

contributions as (

    select
        weighted_sources.cutoff_number,
        weighted_sources.customer_number,
        neighbors.neighbor_number as product_number,
        neighbors.relation_number,
        weighted_sources.product_number as source_number,
        cast(
            round(weighted_sources.weight * neighbors.similarity * 1000000000) as bigint
        ) as contribution

    from weighted_sources
    inner join neighbors
        on
            weighted_sources.cutoff_number = neighbors.cutoff_number
            and weighted_sources.relation_number = neighbors.relation_number
            and weighted_sources.product_number = neighbors.product_number

),

scores as (

    select
        cutoff_number,
        customer_number,
        product_number,
        relation_number,
        sum(contribution) as score,
        max(contribution * {{ packing }} + source_number) % {{ packing }} as source_number

    from contributions
    group by 1, 2, 3, 4

),

owned as (

    select
        cutoff_number,
        customer_number,
        product_number

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where
        count_baskets = 1
        and {{ cartwise.in_part('customer_number') }}

),

products as (

    select
        repurchases.cutoff_number,
        repurchases.product_number,
        repurchases.is_rebought

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }} as repurchases
    inner join {{ ref('cartwise', 'feat_cartwise__products') }} as products
        on repurchases.product_number = products.product_number
    where products.is_offered

),

placed as (

    select
        scores.*,
        row_number() over (
            partition by scores.cutoff_number, scores.customer_number, scores.relation_number
            order by scores.score desc, scores.product_number asc
        ) as place

    from scores
    inner join products
        on
            scores.cutoff_number = products.cutoff_number
            and scores.product_number = products.product_number
    left join owned
        on
            scores.cutoff_number = owned.cutoff_number
            and scores.customer_number = owned.customer_number
            and scores.product_number = owned.product_number
    where
        owned.product_number is null
        or products.is_rebought

)

select
    cutoff_number,
    customer_number,
    product_number,
    case relation_number
        {%- for relation in relations %}
        when {{ loop.index0 }} then '{{ relation }}'
        {%- endfor %}
    end as relation,
    cast(score as double) / 1000000000 as score,
    cast(source_number as integer) as source_number,
    place

from placed
where place <= 15

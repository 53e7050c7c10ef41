{#- the measure that each strategy ranks its own list by -#}
{%- set features = [
    'buy_again__recency', 'replenishment__dueness', 'also_bought__score', 'bought_next__score',
    'viewed__recency', 'viewed_together__score', 'similar__score', 'segment__share',
    'popular__share',
] -%}

with

customers as (

    select
        cutoff_number,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where role = 'test'

),

purchase_counts as (

    select
        cutoff_number,
        product_number,
        count_purchases,
        row_number() over (
            partition by cutoff_number order by count_purchases desc, product_number asc
        ) as place

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }}

),

product_histories as (

    select
        histories.cutoff_number,
        histories.customer_number,
        histories.product_number,
        histories.count_baskets

    from {{ ref('cartwise', 'feat_cartwise__product_histories') }} as histories
    inner join customers
        on
            histories.cutoff_number = customers.cutoff_number
            and histories.customer_number = customers.customer_number

),

candidates as (

    select candidates.*

    from {{ ref('cartwise', 'score_cartwise__candidates') }} as candidates
    inner join customers
        on
            candidates.cutoff_number = customers.cutoff_number
            and candidates.customer_number = customers.customer_number

),

strategy_scores as (

    select
        cutoff_number,
        customer_number,
        product_number,
        left(feature, position('__' in feature) - 1) as list_name,
        strategy_score

    from candidates
    unpivot (strategy_score for feature in ({{ features | join(', ') }}))
    where strategy_score > 0

),

popular_products as (

    select
        customers.cutoff_number,
        customers.customer_number,
        purchase_counts.product_number,
        purchase_counts.place

    from customers
    inner join purchase_counts on customers.cutoff_number = purchase_counts.cutoff_number
    where purchase_counts.place <= 10

),

-- what one would do without a model: what the customer bought most often, then what all did
personal_products as (

    select
        product_histories.cutoff_number,
        product_histories.customer_number,
        product_histories.product_number,
        product_histories.count_baskets,
        purchase_counts.place

    from product_histories
    inner join purchase_counts
        on
            product_histories.cutoff_number = purchase_counts.cutoff_number
            and product_histories.product_number = purchase_counts.product_number

    union all

    select
        popular_products.cutoff_number,
        popular_products.customer_number,
        popular_products.product_number,
        0 as count_baskets,
        popular_products.place

    from popular_products
    left join product_histories
        on
            popular_products.cutoff_number = product_histories.cutoff_number
            and popular_products.customer_number = product_histories.customer_number
            and popular_products.product_number = product_histories.product_number
    where product_histories.product_number is null

),

lists as (

    select
        cutoff_number,
        customer_number,
        product_number,
        'blend' as list_name,
        place

    from {{ ref('cartwise', 'score_cartwise__recommendations') }}
    where role = 'test'

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        list_name,
        row_number() over (
            partition by cutoff_number, customer_number, list_name
            order by strategy_score desc, product_number asc
        ) as place

    from strategy_scores

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        'global_frequency' as list_name,
        place

    from popular_products

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        'personal_frequency' as list_name,
        row_number() over (
            partition by cutoff_number, customer_number
            order by count_baskets desc, place asc
        ) as place

    from personal_products

)

select * from lists
where place <= 10

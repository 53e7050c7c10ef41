with

products as (

    select
        product_id,
        product_name,
        product_number,
        is_offered

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

score_cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where is_score_date

),

neighbors as (

    select * from {{ ref('cartwise', 'ml_cartwise__item_neighbors') }}

)

select
    neighbors.relation,
    products.product_id,
    cast(
        row_number() over (
            partition by neighbors.relation, neighbors.product_number order by neighbors.rank
        ) as bigint
    ) as rank,
    related_products.product_id as related_product_id,
    related_products.product_name as related_product_name,
    neighbors.similarity,
    score_cutoffs.cutoff_date as as_of_date

from neighbors
inner join score_cutoffs on neighbors.cutoff_number = score_cutoffs.cutoff_number
inner join products on neighbors.product_number = products.product_number
inner join products as related_products
    on neighbors.neighbor_number = related_products.product_number
where related_products.is_offered

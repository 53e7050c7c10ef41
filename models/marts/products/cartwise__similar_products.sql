with

products as (

    select
        product_id,
        product_name,
        product_number

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

neighbors as (

    select * from {{ ref('cartwise', 'ml_cartwise__product_neighbors') }}

),

terms as (

    select distinct
        term_number,
        term

    from {{ ref('cartwise', 'feat_cartwise__product_terms') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

)

select
    products.product_id,
    cast(neighbors.rank as bigint) as rank,
    similar_products.product_id as similar_product_id,
    similar_products.product_name as similar_product_name,
    neighbors.similarity,
    concat_ws(', ', terms.term, second_terms.term, third_terms.term) as shared_terms,
    as_of_date.as_of_date

from neighbors
inner join products on neighbors.product_number = products.product_number
inner join products as similar_products
    on neighbors.neighbor_number = similar_products.product_number
inner join terms on neighbors.term_1 = terms.term_number
left join terms as second_terms on neighbors.term_2 = second_terms.term_number
left join terms as third_terms on neighbors.term_3 = third_terms.term_number
cross join as_of_date
where as_of_date.as_of_date is not null

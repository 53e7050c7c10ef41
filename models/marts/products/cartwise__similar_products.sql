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

    select
        product_number,
        term_number,
        term,
        weight

    from {{ ref('cartwise', 'feat_cartwise__product_terms') }}

),

shared_terms as (

    select
        neighbors.product_number,
        neighbors.neighbor_number,
        terms.term,
        row_number() over (
            partition by neighbors.product_number, neighbors.neighbor_number
            order by terms.weight * neighbor_terms.weight desc, terms.term
        ) as place

    from neighbors
    inner join terms on neighbors.product_number = terms.product_number
    inner join terms as neighbor_terms
        on
            neighbors.neighbor_number = neighbor_terms.product_number
            and terms.term_number = neighbor_terms.term_number

),

reasons as (

    select
        product_number,
        neighbor_number,
        {{ cartwise.join_text('term', ', ', 'place') }} as shared_terms

    from shared_terms
    where place <= 3
    group by 1, 2

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
    reasons.shared_terms,
    as_of_date.as_of_date

from neighbors
inner join products on neighbors.product_number = products.product_number
inner join products as similar_products
    on neighbors.neighbor_number = similar_products.product_number
inner join reasons
    on
        neighbors.product_number = reasons.product_number
        and neighbors.neighbor_number = reasons.neighbor_number
cross join as_of_date
where as_of_date.as_of_date is not null

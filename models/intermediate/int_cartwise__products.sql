with

products as (

    select * from {{ ref('cartwise', 'stg_cartwise__products') }}
    where product_id is not null

),

-- a product without a master row is kept: its sales are real
sold_products as (

    select distinct product_id

    from {{ ref('cartwise', 'int_cartwise__order_lines_checked') }}
    where set_aside_reason is null

)

select
    coalesce(products.product_id, sold_products.product_id) as product_id,
    coalesce(products.name, products.product_id, sold_products.product_id) as product_name,
    products.description,
    products.category,
    products.brand,
    products.price,
    products.is_active,
    products.product_id is null as is_inferred,
    coalesce(
        lower(products.category) in {{ cartwise.word_list(var('service_categories')) }}, false
    ) as is_service

from products
full join sold_products on products.product_id = sold_products.product_id

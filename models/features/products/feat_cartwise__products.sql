with

products as (

    select * from {{ ref('cartwise', 'int_cartwise__products') }}
    where not is_service

)

select
    cast(row_number() over (order by product_id) as integer) as product_number,
    product_id,
    product_name,
    description,
    category,
    brand,
    coalesce(is_active, true) as is_offered,
    coalesce(is_active, false) as is_known_active

from products

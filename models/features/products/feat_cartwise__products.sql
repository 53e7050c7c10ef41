with

products as (

    select * from {{ ref('cartwise', 'int_cartwise__products') }}
    where not is_service

),

-- the sales to guests too
sales as (

    select
        product_id,
        min(order_date) as first_sale_date

    from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    where is_purchase
    group by 1

)

select
    cast(row_number() over (order by products.product_id) as integer) as product_number,
    products.product_id,
    products.product_name,
    products.category,
    coalesce(products.is_active, true) as is_offered,
    coalesce(products.is_active, false) as is_known_active,
    sales.first_sale_date

from products
left join sales on products.product_id = sales.product_id

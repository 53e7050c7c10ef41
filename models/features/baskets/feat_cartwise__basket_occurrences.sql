with

basket_lines as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_lines') }}

),

numbered_baskets as (

    select
        order_id,
        cast(row_number() over (order by is_holdout, order_id) - 1 as bigint) as basket_number

    from {{ ref('cartwise', 'feat_cartwise__baskets') }}
    where not is_oversize

),

basket_products as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_products') }}

)

-- basket and product in one whole number: half the memory of two columns, and one key to sort
select
    numbered_baskets.basket_number * {{ cartwise.basket_packing() }} + basket_products.item_code
        as occurrence

from basket_lines
inner join numbered_baskets on basket_lines.order_id = numbered_baskets.order_id
inner join basket_products on basket_lines.product_id = basket_products.product_id

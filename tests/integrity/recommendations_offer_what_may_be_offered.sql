with

recommendations as (

    select
        customer_id,
        product_id,
        rank,
        count(*) over (partition by customer_id, product_id) as count_places,
        count(*) over (partition by customer_id) as count_products

    from {{ ref('cartwise', 'cartwise__recommendations') }}

),

products as (

    select
        product_id,
        is_service or not coalesce(is_active, true) as is_barred

    from {{ ref('cartwise', 'cartwise__products') }}

),

intervals as (

    select
        product_id,
        is_rebought

    from {{ ref('cartwise', 'cartwise__repurchase_intervals') }}

),

owned as (

    select
        customer_id,
        product_id,
        count(distinct cast(ordered_at as date)) as count_days

    from {{ ref('cartwise', 'cartwise__order_lines') }}
    where
        is_purchase
        and customer_id is not null
    group by 1, 2

)

-- nothing inactive, no service, nothing twice, no gap in the places, and nothing that the customer
-- has unless it is bought again
select
    recommendations.customer_id,
    recommendations.product_id

from recommendations
inner join products on recommendations.product_id = products.product_id
inner join intervals on recommendations.product_id = intervals.product_id
left join owned
    on
        recommendations.customer_id = owned.customer_id
        and recommendations.product_id = owned.product_id
where
    products.is_barred
    or recommendations.count_places > 1
    or recommendations.rank > recommendations.count_products
    or (owned.count_days = 1 and not intervals.is_rebought)

with

order_lines as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    where
        is_purchase
        and not is_service
        and customer_id is not null

),

products as (

    select
        product_id,
        product_number

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

shoppers as (

    select
        customer_id,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

days as (

    select
        shoppers.customer_number,
        products.product_number,
        order_lines.order_date,
        min(order_lines.order_id) as order_id

    from order_lines
    inner join products on order_lines.product_id = products.product_id
    inner join shoppers on order_lines.customer_id = shoppers.customer_id
    group by 1, 2, 3

)

select
    customer_number,
    product_number,
    order_date,
    order_id,
    cast(
        dense_rank() over (partition by customer_number order by order_date) as integer
    ) as basket_number,
    cast(
        row_number() over (partition by customer_number, product_number order by order_date)
        as integer
    ) as purchase_number,
    {{ cartwise.days_between(
        'lag(order_date) over (partition by customer_number, product_number order by order_date)',
        'order_date',
    ) }} as gap_days

from days

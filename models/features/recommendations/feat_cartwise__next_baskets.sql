with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where next_basket_date is not null

),

purchase_days as (

    select * from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

)

select
    customers.cutoff_number,
    customers.customer_number,
    purchase_days.product_number,
    count(*) over (partition by customers.cutoff_number, customers.customer_number)
        as count_products

from customers
inner join purchase_days
    on
        customers.customer_number = purchase_days.customer_number
        and customers.next_basket_date = purchase_days.order_date

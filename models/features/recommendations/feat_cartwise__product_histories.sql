with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where count_baskets > 0

),

purchase_days as (

    select * from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

)

select
    customers.cutoff_number,
    customers.customer_number,
    purchase_days.product_number,
    count(*) as count_baskets,
    -- each basket counts a tenth less than the one after it
    {{ cartwise.stable_sum(
        'power(0.9, customers.count_baskets - purchase_days.basket_number)'
    ) }} as recency_weight,
    max(customers.count_baskets) - max(purchase_days.basket_number) as count_later_baskets,
    max(purchase_days.order_date) as last_order_date,
    max_by(purchase_days.order_id, purchase_days.order_date) as last_order_id,
    {{ cartwise.days_between('min(purchase_days.order_date)', 'max(purchase_days.order_date)') }}
        as total_gap_days,
    {{ cartwise.days_between('max(purchase_days.order_date)', 'max(customers.cutoff_date)') }}
        as recency_days

from customers
inner join purchase_days
    on
        customers.customer_number = purchase_days.customer_number
        and customers.cutoff_date >= purchase_days.order_date
group by 1, 2, 3

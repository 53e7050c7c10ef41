with

customers as (

    select
        cutoff_number,
        customer_number,
        cutoff_date,
        next_basket_date,
        role

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

),

product_histories as (

    select * from {{ ref('cartwise', 'feat_cartwise__product_histories') }}

),

-- an interval that was seen five times is one to go by
products as (

    select
        cutoff_number,
        product_number,
        median_gap_days

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }}
    where
        count_gaps >= 5
        and is_rebought

),

next_baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__next_baskets') }}

)

select
    product_histories.cutoff_number,
    product_histories.customer_number,
    product_histories.product_number,
    customers.role,
    customers.cutoff_date,
    product_histories.count_baskets,
    product_histories.last_order_date,
    product_histories.recency_days,
    products.median_gap_days,
    product_histories.total_gap_days
    / nullif(cast(product_histories.count_baskets - 1 as double), 0) as own_gap_days,
    -- the usual gap of the product counts as much as two of the customer's own
    (product_histories.total_gap_days + 2 * products.median_gap_days)
    / (product_histories.count_baskets + 1) as expected_gap_days,
    case
        when next_baskets.product_number is not null
            then {{ cartwise.days_between(
                'product_histories.last_order_date', 'customers.next_basket_date'
            ) }}
    end as gap_days

from product_histories
inner join customers
    on
        product_histories.cutoff_number = customers.cutoff_number
        and product_histories.customer_number = customers.customer_number
inner join products
    on
        product_histories.cutoff_number = products.cutoff_number
        and product_histories.product_number = products.product_number
left join next_baskets
    on
        product_histories.cutoff_number = next_baskets.cutoff_number
        and product_histories.customer_number = next_baskets.customer_number
        and product_histories.product_number = next_baskets.product_number

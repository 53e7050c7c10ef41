with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

),

product_views as (

    select * from {{ ref('cartwise', 'feat_cartwise__product_views') }}

)

select
    customers.cutoff_number,
    customers.customer_number,
    product_views.product_number,
    max(product_views.view_date) as last_view_date,
    -- a look fades to half within a week
    {{ cartwise.stable_sum(
        'power(0.5, '
        ~ cartwise.days_between('product_views.view_date', 'customers.cutoff_date') ~ ' / cast(7 as double))'
    ) }} as recency_weight

from customers
inner join product_views
    on
        customers.customer_number = product_views.customer_number
        and customers.cutoff_date >= product_views.view_date
where {{ cartwise.days_between('product_views.view_date', 'customers.cutoff_date') }} <= 90
group by 1, 2, 3

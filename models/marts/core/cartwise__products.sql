with

products as (

    select * from {{ ref('cartwise', 'int_cartwise__products') }}

),

sales as (

    select
        product_id,
        min(case when is_purchase then ordered_at end) as first_sold_at,
        max(case when is_purchase then ordered_at end) as last_sold_at,
        count(distinct case when is_purchase then order_id end) as count_orders,
        count(distinct case when is_purchase then customer_id end) as count_customers,
        sum(case when is_purchase then quantity else 0 end) as total_quantity,
        sum(gross_amount) as total_gross_amount,
        sum(discount_amount) as total_discount_amount,
        sum(refund_amount) as total_refund_amount,
        sum(net_amount) as total_net_amount

    from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    group by 1

)

select
    products.product_id,
    products.product_name,
    products.description,
    products.category,
    products.brand,
    products.price,
    products.is_active,
    products.is_inferred,
    products.is_service,
    sales.first_sold_at,
    sales.last_sold_at,
    cast(coalesce(sales.count_orders, 0) as bigint) as count_orders,
    cast(coalesce(sales.count_customers, 0) as bigint) as count_customers,
    cast(coalesce(sales.total_quantity, 0) as decimal(18, 3)) as total_quantity,
    cast(coalesce(sales.total_gross_amount, 0) as {{ cartwise.type_money() }})
        as total_gross_amount,
    cast(coalesce(sales.total_discount_amount, 0) as {{ cartwise.type_money() }})
        as total_discount_amount,
    cast(coalesce(sales.total_refund_amount, 0) as {{ cartwise.type_money() }})
        as total_refund_amount,
    cast(coalesce(sales.total_net_amount, 0) as {{ cartwise.type_money() }}) as total_net_amount,
    cast(
        sales.total_refund_amount
        / nullif(cast(sales.total_gross_amount - sales.total_discount_amount as double), 0)
        as double
    ) as refund_rate

from products
left join sales on products.product_id = sales.product_id

with

orders as (

    select * from {{ ref('cartwise', 'cartwise__orders') }}
    where customer_id is not null

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

customer_identities as (

    select
        customer_id,
        count(*) as count_accounts

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}
    group by 1

),

master_rows as (

    select * from {{ ref('cartwise', 'stg_cartwise__customers') }}

),

order_totals as (

    select
        customer_id,
        min(case when is_purchase then ordered_at end) as first_order_at,
        max(case when is_purchase then ordered_at end) as last_order_at,
        count(case when is_purchase then 1 end) as count_orders,
        sum(gross_amount) as total_gross_amount,
        sum(discount_amount) as total_discount_amount,
        sum(refund_amount) as total_refund_amount,
        sum(net_amount) as total_net_amount

    from orders
    group by 1

)

select
    customer_identities.customer_id,
    master_rows.gender,
    master_rows.country,
    master_rows.city,
    master_rows.signed_up_at,
    master_rows.accepts_marketing,
    cast(customer_identities.count_accounts as bigint) as count_accounts,
    master_rows.customer_id is null as is_inferred,
    order_totals.first_order_at,
    order_totals.last_order_at,
    cast({{ dbt.date_trunc('month', 'order_totals.first_order_at') }} as date) as cohort_month,
    cast(coalesce(order_totals.count_orders, 0) as bigint) as count_orders,
    coalesce(order_totals.count_orders, 0) >= 2 as is_repeat_customer,
    {{ cartwise.days_between('order_totals.last_order_at', 'as_of_date.as_of_date') }}
        as recency_days,
    {{ cartwise.days_between('order_totals.first_order_at', 'order_totals.last_order_at') }}
    / nullif(cast(order_totals.count_orders - 1 as double), 0) as average_order_gap_days,
    cast(
        order_totals.total_net_amount / nullif(cast(order_totals.count_orders as double), 0)
        as double
    ) as average_order_value,
    cast(coalesce(order_totals.total_gross_amount, 0) as {{ cartwise.type_money() }})
        as total_gross_amount,
    cast(coalesce(order_totals.total_discount_amount, 0) as {{ cartwise.type_money() }})
        as total_discount_amount,
    cast(coalesce(order_totals.total_refund_amount, 0) as {{ cartwise.type_money() }})
        as total_refund_amount,
    cast(coalesce(order_totals.total_net_amount, 0) as {{ cartwise.type_money() }})
        as total_net_amount,
    as_of_date.as_of_date

from customer_identities
cross join as_of_date
left join master_rows on customer_identities.customer_id = master_rows.customer_id
left join order_totals on customer_identities.customer_id = order_totals.customer_id

-- At the as-of date the features say what cartwise__customers says, which is built without them.
-- Its net amount also holds what was paid back after that date, which the features may not know.
with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

features as (

    select features.*

    from {{ ref('cartwise', 'feat_cartwise__customers') }} as features
    inner join as_of_date on features.cutoff_date = as_of_date.as_of_date

),

customers as (

    select *

    from {{ ref('cartwise', 'cartwise__customers') }}
    where count_orders > 0

),

late_refunds as (

    select distinct orders.customer_id

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }} as refunds
    inner join {{ ref('cartwise', 'cartwise__orders') }} as orders
        on refunds.order_id = orders.order_id
    cross join as_of_date
    where
        refunds.set_aside_reason is null
        and cast(refunds.refunded_at as date) > as_of_date.as_of_date

)

select
    customers.customer_id,
    features.customer_id as feature_customer_id,
    customers.count_orders,
    features.count_orders as feature_count_orders,
    customers.recency_days,
    features.recency_days as feature_recency_days,
    customers.total_net_amount,
    features.total_net_amount as feature_total_net_amount

from customers
full outer join features on customers.customer_id = features.customer_id
left join late_refunds on customers.customer_id = late_refunds.customer_id
where
    customers.customer_id is null
    or features.customer_id is null
    or customers.count_orders <> features.count_orders
    or customers.recency_days <> features.recency_days
    or (
        late_refunds.customer_id is null
        and customers.total_net_amount <> features.total_net_amount
    )

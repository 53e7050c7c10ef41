with

customer_identities as (

    select
        account_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

orders as (

    select * from {{ ref('cartwise', 'int_cartwise__orders') }}
    where
        customer_id is not null
        and is_sale

),

line_refunds as (

    select
        order_id,
        sum(refund_amount) as refund_amount

    from {{ ref('cartwise', 'int_cartwise__line_refunds') }}
    group by 1

),

refunds as (

    select
        order_id,
        cast(refunded_at as date) as refund_date,
        sum(amount) as amount

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is null
    group by 1, 2

),

order_activity as (

    select
        orders.customer_id,
        orders.order_date as activity_date,
        {{ cartwise.customer_activity({
            'count_orders': 'case when orders.is_purchase then 1 else 0 end',
            'count_basket_products':
                'case when orders.is_purchase then orders.count_products else 0 end',
            'gross_amount': 'orders.gross_amount',
            'discount_amount': 'orders.discount_amount',
            'returned_amount':
                'orders.refund_amount - coalesce(line_refunds.refund_amount, 0)',
            'sold_amount': 'orders.net_amount + coalesce(line_refunds.refund_amount, 0)',
        }) }}

    from orders
    left join line_refunds on orders.order_id = line_refunds.order_id

),

running_refunds as (

    select
        orders.customer_id,
        greatest(refunds.refund_date, orders.order_date) as activity_date,
        refunds.amount,
        sum(refunds.amount) over (
            partition by refunds.order_id
            order by refunds.refund_date
            rows between unbounded preceding and current row
        ) as running_amount,
        line_refunds.refund_amount as goods_amount

    from refunds
    inner join orders on refunds.order_id = orders.order_id
    inner join line_refunds on refunds.order_id = line_refunds.order_id

),

-- the day that money went back, and never more than the goods were worth: what is known by a
-- date must not depend on what was paid back after it
refund_activity as (

    select
        customer_id,
        activity_date,
        {{ cartwise.customer_activity({
            'refund_amount': 'least(running_amount, goods_amount) '
                ~ '- least(running_amount - amount, goods_amount)',
        }) }}

    from running_refunds

),

first_in_category as (

    select
        order_lines.customer_id,
        products.category,
        min(order_lines.order_date) as activity_date

    from {{ ref('cartwise', 'int_cartwise__order_lines') }} as order_lines
    inner join {{ ref('cartwise', 'int_cartwise__products') }} as products
        on order_lines.product_id = products.product_id
    where
        order_lines.is_purchase
        and not order_lines.is_service
        and order_lines.customer_id is not null
        and products.category is not null
    group by 1, 2

),

category_activity as (

    select
        customer_id,
        activity_date,
        {{ cartwise.customer_activity({'count_new_categories': '1'}) }}

    from first_in_category

),

review_activity as (

    select
        customer_identities.customer_id,
        cast(reviews.reviewed_at as date) as activity_date,
        {{ cartwise.customer_activity({
            'count_reviews': '1',
            'count_ratings': 'case when reviews.rating is not null then 1 else 0 end',
            'total_rating': 'coalesce(reviews.rating, 0)',
        }) }}

    from {{ ref('cartwise', 'int_cartwise__reviews_checked') }} as reviews
    inner join customer_identities on reviews.customer_id = customer_identities.account_id
    where reviews.set_aside_reason is null

),

visits as (

    select
        customer_identities.customer_id,
        cast(events.occurred_at as date) as activity_date,
        count(distinct coalesce(events.session_id, 'none')) as count_visits

    from {{ ref('cartwise', 'int_cartwise__events_checked') }} as events
    inner join customer_identities on events.customer_id = customer_identities.account_id
    where events.set_aside_reason is null
    group by 1, 2

),

visit_activity as (

    select
        customer_id,
        activity_date,
        {{ cartwise.customer_activity({'count_visits': 'count_visits'}) }}

    from visits

),

activity as (

    select * from order_activity
    union all
    select * from refund_activity
    union all
    select * from category_activity
    union all
    select * from review_activity
    union all
    select * from visit_activity

),

days as (

    select
        customer_id,
        activity_date,
        {{ cartwise.customer_activity() }}

    from activity
    group by 1, 2

)

select
    *,
    case
        when count_orders > 0
            then {{ cartwise.days_between(
                'lag(activity_date) over ('
                ~ 'partition by customer_id, count_orders > 0 order by activity_date)',
                'activity_date',
            ) }}
    end as gap_days

from days

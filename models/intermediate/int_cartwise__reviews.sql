with

reviews as (

    select
        *,
        nullif(
            trim({{ cartwise.mask_contacts("left(concat_ws(' ', title, body), 10000)") }}), ''
        ) as review_text

    from {{ ref('cartwise', 'int_cartwise__reviews_checked') }}
    where set_aside_reason is null

),

orders as (

    select
        order_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__orders') }}

),

customer_identities as (

    select
        account_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

-- a review of an order is one of its product where that is the only one
single_products as (

    select
        order_id,
        min(product_id) as product_id

    from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    where not is_service
    group by 1
    having min(product_id) = max(product_id)

),

months as (

    select
        cast(date_trunc('month', as_of_date) as date) as month_start,
        {{ cartwise.add_days('as_of_date', '1') }} as end_date

    from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

-- models learn from the months before this one, so that their weights, and with them the scores of
-- all earlier reviews, last for a month; a shop with few reviews needs all of them
learning_periods as (

    select
        case
            when sum(case when reviews.reviewed_at < months.month_start then 1 else 0 end) >= 1000
                then max(months.month_start)
            else max(months.end_date)
        end as end_date

    from reviews
    cross join months
    where reviews.review_text is not null

)

select
    reviews.review_id,
    coalesce(reviews.product_id, single_products.product_id) as product_id,
    coalesce(customer_identities.customer_id, orders.customer_id) as customer_id,
    reviews.order_id,
    reviews.rating,
    {{ cartwise.rating_sentiment('reviews.rating') }} as rating_sentiment,
    reviews.review_text,
    -- another version may cut texts in another way
    md5('{{ cartwise.package_version() }} ' || reviews.review_text) as text_id,
    reviews.reviewed_at,
    cast(reviews.reviewed_at as date) as review_date,
    cast(date_trunc('month', reviews.reviewed_at) as date) as review_month,
    {{ cartwise.replace_pattern('lower(reviews.topic)', '[|\\s\\p{Z}]+', ' ') }} as topic,
    left(lower(reviews.language), 2) as language,
    coalesce(reviews.reviewed_at < learning_periods.end_date, false) as is_learnable

from reviews
cross join learning_periods
left join orders on reviews.order_id = orders.order_id
left join customer_identities on reviews.customer_id = customer_identities.account_id
left join single_products on reviews.order_id = single_products.order_id

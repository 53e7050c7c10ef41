with

reviews as (

    select * from {{ ref('cartwise', 'stg_cartwise__reviews') }}

)

select
    review_id,
    product_id,
    customer_id,
    order_id,
    rating,
    title,
    body,
    reviewed_at,
    topic,
    language,
    unusable_columns,
    case
        when review_id is null then 'unusable_review_id'
        when reviewed_at is null then 'unusable_reviewed_at'
        when {{ cartwise.is_after_as_of_date('reviewed_at') }} then 'after_as_of_date'
    end as set_aside_reason

from reviews

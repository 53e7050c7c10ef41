-- One row per review
with

reviews as (

    select *

    from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/order_reviews.parquet')

),

orders as (

    select
        order_id,
        customer_id

    from {{ ref('olist', 'orders') }}

)

select
    reviews.review_id,
    -- a review of two or three orders does not say which of them it is about
    case when count(*) = 1 then min(reviews.order_id) end as order_id,
    min(orders.customer_id) as customer_id,
    min(reviews.review_score) as rating,
    min(reviews.review_comment_title) as title,
    min(reviews.review_comment_message) as body,
    -- review_creation_date is the day on which the shop asked
    min(reviews.review_answer_timestamp) as reviewed_at

from reviews
inner join orders on reviews.order_id = orders.order_id
group by 1

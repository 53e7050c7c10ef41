with

reviews as (

    select * from {{ ref('cartwise', 'score_cartwise__reviews') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

)

select
    reviews.review_id,
    reviews.product_id,
    reviews.customer_id,
    reviews.order_id,
    reviews.review_date,
    cast(reviews.rating as integer) as rating,
    reviews.rating_sentiment,
    reviews.language,
    reviews.language_source,
    reviews.has_text,
    reviews.text_sentiment,
    reviews.negative_probability,
    reviews.neutral_probability,
    reviews.positive_probability,
    reviews.sentiment_score,
    reviews.sentiment,
    reviews.disagrees_with_rating,
    cast(reviews.count_known_terms as bigint) as count_known_terms,
    reviews.fold_id,
    as_of_date.as_of_date

from reviews
cross join as_of_date

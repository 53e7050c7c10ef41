with

reviews as (

    select review_id from {{ ref('cartwise', 'int_cartwise__reviews') }}

),

sentiments as (

    select * from {{ ref('cartwise', 'cartwise__review_sentiments') }}

)

select
    reviews.review_id,
    sentiments.negative_probability,
    sentiments.neutral_probability,
    sentiments.positive_probability

from reviews
left join sentiments on reviews.review_id = sentiments.review_id
where
    sentiments.review_id is null
    or least(
        sentiments.negative_probability,
        sentiments.neutral_probability,
        sentiments.positive_probability
    ) < 0
    or abs(
        sentiments.negative_probability
        + sentiments.neutral_probability
        + sentiments.positive_probability
        - 1
    ) > 1e-9

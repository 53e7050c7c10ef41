with

reviews as (

    select
        review_id,
        product_id,
        review_date,
        review_month,
        sentiment

    from {{ ref('cartwise', 'score_cartwise__reviews') }}

),

given_topics as (

    select
        review_id,
        topic

    from {{ ref('cartwise', 'int_cartwise__reviews') }}
    where topic is not null

),

scores as (

    select
        review_id,
        topic,
        probability

    from {{ ref('cartwise', 'score_cartwise__topics') }}

),

topics as (

    select
        coalesce(given_topics.review_id, scores.review_id) as review_id,
        coalesce(given_topics.topic, scores.topic) as topic,
        given_topics.topic is not null as is_given,
        scores.probability

    from scores
    full join given_topics
        on
            scores.review_id = given_topics.review_id
            and scores.topic = given_topics.topic
    where
        given_topics.topic is not null
        or scores.probability >= 0.5

)

select
    topics.review_id,
    topics.topic,
    topics.is_given,
    topics.probability,
    row_number() over (
        partition by topics.review_id
        order by topics.is_given desc, topics.probability desc, topics.topic asc
    ) as topic_rank,
    reviews.product_id,
    reviews.sentiment,
    reviews.review_date,
    reviews.review_month

from topics
inner join reviews on topics.review_id = reviews.review_id

with

topics as (

    select * from {{ ref('cartwise', 'score_cartwise__review_topics') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

)

select
    topics.review_id,
    topics.topic,
    topics.is_given,
    topics.probability,
    cast(topics.topic_rank as bigint) as topic_rank,
    topics.product_id,
    topics.sentiment,
    topics.review_date,
    as_of_date.as_of_date

from topics
cross join as_of_date

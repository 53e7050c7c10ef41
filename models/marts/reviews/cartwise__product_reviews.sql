with

reviews as (

    select * from {{ ref('cartwise', 'score_cartwise__reviews') }}
    where product_id is not null

),

averages as (

    select
        product_id,
        max(case when measure = 'rating' then average_value end) as average_rating,
        max(case when measure = 'rating' then shrunk_average end) as shrunk_rating,
        max(case when measure = 'rating' then credibility end) as rating_credibility,
        max(case when measure = 'sentiment_score' then average_value end)
            as average_sentiment_score,
        max(case when measure = 'sentiment_score' then shrunk_average end)
            as shrunk_sentiment_score,
        max(case when measure = 'sentiment_score' then credibility end)
            as sentiment_score_credibility

    from {{ ref('cartwise', 'score_cartwise__product_averages') }}
    group by 1

),

pain_points as (

    select
        product_id,
        topic,
        count(*) as count_negative,
        row_number() over (partition by product_id order by count(*) desc, topic) as place

    from {{ ref('cartwise', 'score_cartwise__review_topics') }}
    where sentiment = 'negative'
    group by 1, 2

),

products as (

    select
        product_id,
        product_name,
        category

    from {{ ref('cartwise', 'int_cartwise__products') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

product_counts as (

    select
        product_id,
        count(*) as count_reviews,
        count(rating) as count_ratings,
        sum(case when has_text then 1 else 0 end) as count_texts,
        sum(case when sentiment = 'negative' then 1 else 0 end) as count_negative,
        sum(case when disagrees_with_rating then 1 else 0 end) as count_disagreeing,
        max(review_date) as last_review_date

    from reviews
    group by 1

)

select
    product_counts.product_id,
    products.product_name,
    products.category,
    product_counts.count_reviews,
    product_counts.count_ratings,
    cast(product_counts.count_texts as bigint) as count_texts,
    cast(product_counts.count_negative as bigint) as count_negative,
    product_counts.count_negative / cast(product_counts.count_reviews as double) as negative_rate,
    cast(product_counts.count_disagreeing as bigint) as count_disagreeing,
    averages.average_rating,
    averages.shrunk_rating,
    averages.rating_credibility,
    averages.average_sentiment_score,
    averages.shrunk_sentiment_score,
    averages.sentiment_score_credibility,
    pain_points.topic as main_pain_point,
    pain_points.count_negative as count_main_pain_point,
    product_counts.last_review_date,
    as_of_date.as_of_date

from product_counts
cross join as_of_date
left join averages on product_counts.product_id = averages.product_id
left join products on product_counts.product_id = products.product_id
left join pain_points
    on
        product_counts.product_id = pain_points.product_id
        and pain_points.place = 1

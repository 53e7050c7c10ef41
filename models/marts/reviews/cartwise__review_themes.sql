with

topics as (

    select
        topics.*,
        coalesce(topics.sentiment, 'unknown') as theme_sentiment,
        reviews.review_text

    from {{ ref('cartwise', 'score_cartwise__review_topics') }} as topics
    inner join {{ ref('cartwise', 'int_cartwise__reviews') }} as reviews
        on topics.review_id = reviews.review_id
    where topics.product_id is not null

),

product_months as (

    select
        product_id,
        review_month,
        count(*) as count_texts

    from {{ ref('cartwise', 'score_cartwise__reviews') }}
    where has_text
    group by 1, 2

),

alerts as (

    select * from {{ ref('cartwise', 'score_cartwise__theme_months') }}
    where scenario = 'observed'

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

-- the clearest reviews come first
ranked_topics as (

    select
        product_id,
        topic,
        theme_sentiment,
        review_month,
        left(review_text, 200) as quote,
        row_number() over (
            partition by product_id, topic, theme_sentiment, review_month
            order by is_given desc, probability desc, review_id asc
        ) as place

    from topics

),

themes as (

    select
        product_id,
        topic,
        theme_sentiment,
        review_month,
        count(*) as count_reviews,
        max(case when place = 1 then quote end) as first_quote,
        max(case when place = 2 then quote end) as second_quote,
        max(case when place = 3 then quote end) as third_quote

    from ranked_topics
    group by 1, 2, 3, 4

)

select
    themes.product_id,
    products.product_name,
    products.category,
    themes.topic,
    themes.theme_sentiment as sentiment,
    themes.review_month,
    themes.count_reviews,
    product_months.count_texts,
    themes.count_reviews / cast(product_months.count_texts as double) as review_share,
    alerts.expected_negative as expected_reviews,
    alerts.z_score,
    coalesce(alerts.is_alert, false) as is_alert,
    themes.first_quote,
    themes.second_quote,
    themes.third_quote,
    as_of_date.as_of_date

from themes
cross join as_of_date
inner join product_months
    on
        themes.product_id = product_months.product_id
        and themes.review_month = product_months.review_month
left join products on themes.product_id = products.product_id
left join alerts
    on
        themes.theme_sentiment = 'negative'
        and themes.product_id = alerts.product_id
        and themes.topic = alerts.topic
        and themes.review_month = alerts.review_month

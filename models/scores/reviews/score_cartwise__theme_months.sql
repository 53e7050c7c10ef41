{#- the weight, in reviews, of what is usual in the shop beside what is usual for the product -#}
{%- set prior_reviews = 20 -%}
{%- set least_reviews = 3 -%}
{%- set least_z_score = 3 -%}

with

reviews as (

    select
        review_id,
        product_id,
        review_month,
        row_number() over (partition by product_id order by review_month, review_id) as place,
        row_number() over (
            partition by product_id
            order by {{ cartwise.hash_share('review_id') }}, review_id
        ) as shuffled_place

    from {{ ref('cartwise', 'score_cartwise__reviews') }}
    where
        has_text
        and product_id is not null

),

-- the same reviews with their months dealt out anew within each product: nothing has changed there,
-- so whatever is found is a false alarm
dated_reviews as (

    select
        'observed' as scenario,
        review_id,
        product_id,
        review_month

    from reviews

    union all

    select
        'shuffled' as scenario,
        reviews.review_id,
        reviews.product_id,
        months.review_month

    from reviews
    inner join reviews as months
        on
            reviews.product_id = months.product_id
            and reviews.shuffled_place = months.place

),

product_months as (

    select
        scenario,
        product_id,
        review_month,
        count(*) as count_texts

    from dated_reviews
    group by 1, 2, 3

),

product_history as (

    select
        *,
        coalesce(
            sum(count_texts) over (
                partition by scenario, product_id
                order by review_month
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as earlier_texts

    from product_months

),

themes as (

    select
        dated_reviews.scenario,
        dated_reviews.product_id,
        dated_reviews.review_month,
        topics.topic,
        count(*) as count_negative

    from dated_reviews
    inner join {{ ref('cartwise', 'score_cartwise__review_topics') }} as topics
        on dated_reviews.review_id = topics.review_id
    where topics.sentiment = 'negative'
    group by 1, 2, 3, 4

),

theme_history as (

    select
        *,
        coalesce(
            sum(count_negative) over (
                partition by scenario, product_id, topic
                order by review_month
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as earlier_negative

    from themes

),

shop_texts as (

    select
        scenario,
        sum(count_texts) as count_texts

    from product_months
    group by 1

),

shop_themes as (

    select
        scenario,
        topic,
        sum(count_negative) as count_negative

    from themes
    group by 1, 2

),

expected as (

    select
        theme_history.scenario,
        theme_history.product_id,
        theme_history.review_month,
        theme_history.topic,
        theme_history.count_negative,
        product_history.count_texts,
        product_history.count_texts
        * (
            theme_history.earlier_negative
            + {{ prior_reviews }} * shop_themes.count_negative
            / cast(shop_texts.count_texts as double)
        )
        / (product_history.earlier_texts + {{ prior_reviews }}) as expected_negative

    from theme_history
    inner join product_history
        on
            theme_history.scenario = product_history.scenario
            and theme_history.product_id = product_history.product_id
            and theme_history.review_month = product_history.review_month
    inner join shop_texts on theme_history.scenario = shop_texts.scenario
    inner join shop_themes
        on
            theme_history.scenario = shop_themes.scenario
            and theme_history.topic = shop_themes.topic

),

-- Freeman and Tukey (1950): the roots of a count less those of its mean are nearly standard normal
z_scores as (

    select
        *,
        sqrt(count_negative) + sqrt(count_negative + 1) - sqrt(4 * expected_negative + 1)
            as z_score

    from expected

)

select
    scenario,
    product_id,
    topic,
    review_month,
    count_negative,
    count_texts,
    expected_negative,
    z_score,
    count_negative >= {{ least_reviews }} and z_score >= {{ least_z_score }} as is_alert

from z_scores

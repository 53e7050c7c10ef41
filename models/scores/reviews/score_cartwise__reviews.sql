with

reviews as (

    select * from {{ ref('cartwise', 'int_cartwise__reviews') }}

),

texts as (

    select
        texts.review_id,
        texts.token_text,
        languages.text_language

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }} as texts
    left join {{ ref('cartwise', 'feat_cartwise__review_languages') }} as languages
        on texts.review_id = languages.review_id

),

scores as (

    select
        *,
        greatest(negative_probability, neutral_probability, positive_probability)
            as highest_probability

    from {{ ref('cartwise', 'score_cartwise__sentiments') }}

),

languages as (

    select
        coalesce(reviews.language, texts.text_language) as language,
        rank() over (order by count(*) desc) as place

    from reviews
    inner join texts on reviews.review_id = texts.review_id
    where coalesce(reviews.language, texts.text_language) is not null
    group by 1

),

-- what most people write in stands in where a text is too short to tell
main_language as (

    select min(language) as language

    from languages
    where place = 1

),

scored_reviews as (

    select
        reviews.*,
        coalesce(reviews.language, texts.text_language, main_language.language)
            as likely_language,
        case
            when reviews.language is not null then 'input'
            when texts.text_language is not null then 'text'
            when main_language.language is not null then 'shop'
        end as language_source,
        texts.token_text is not null as has_text,
        scores.fold_id,
        scores.count_known_terms,
        scores.negative_probability,
        scores.neutral_probability,
        scores.positive_probability,
        scores.highest_probability,
        case scores.highest_probability
            when scores.negative_probability then 'negative'
            when scores.positive_probability then 'positive'
            when scores.neutral_probability then 'neutral'
        end as text_sentiment

    from reviews
    cross join main_language
    left join texts on reviews.review_id = texts.review_id
    left join scores on reviews.review_id = scores.review_id

)

select
    review_id,
    product_id,
    customer_id,
    order_id,
    review_date,
    review_month,
    rating,
    rating_sentiment,
    likely_language as language,
    language_source,
    has_text,
    text_sentiment,
    negative_probability,
    neutral_probability,
    positive_probability,
    positive_probability - negative_probability as sentiment_score,
    coalesce(text_sentiment, rating_sentiment) as sentiment,
    coalesce(
        (
            rating_sentiment = 'negative'
            and positive_probability >= 0.8
        )
        or (
            rating_sentiment = 'positive'
            and negative_probability >= 0.8
        ),
        false
    ) as disagrees_with_rating,
    coalesce(count_known_terms, 0) as count_known_terms,
    fold_id

from scored_reviews

with

reviews as (

    select
        review_id,
        topic,
        language

    from {{ ref('cartwise', 'int_cartwise__reviews') }}
    where is_learnable

),

texts as (

    select
        reviews.review_id,
        reviews.topic,
        coalesce(reviews.language, languages.text_language) as language,
        row_number() over (
            partition by reviews.topic is null
            order by {{ cartwise.hash_share('reviews.review_id') }}, reviews.review_id
        ) as place

    from reviews
    inner join {{ ref('cartwise', 'feat_cartwise__review_texts') }} as review_texts
        on reviews.review_id = review_texts.review_id
    left join {{ ref('cartwise', 'feat_cartwise__review_languages') }} as languages
        on reviews.review_id = languages.review_id
    where review_texts.token_text is not null

),

frequent_topics as (

    select topic from texts
    where topic is not null
    group by 1
    having count(*) >= 30

),

-- a shop that labels its reviews has topics of its own
own_topics as (

    select count(*) >= 2 as has_own_topics

    from frequent_topics

),

sampled_texts as (

    select
        texts.review_id,
        texts.topic,
        texts.language,
        own_topics.has_own_topics,
        ' ' || review_texts.token_text || ' ' as padded_text

    from texts
    inner join {{ ref('cartwise', 'feat_cartwise__review_texts') }} as review_texts
        on texts.review_id = review_texts.review_id
    cross join own_topics
    where
        texts.place <= 20000
        and (texts.topic is not null or not own_topics.has_own_topics)

),

topic_terms as (

    select
        topic,
        language,
        ' ' || term || ' ' as padded_term

    from {{ ref('cartwise', 'feat_cartwise__topic_terms') }}

)

select
    review_id,
    topic,
    'input' as label_source,
    has_own_topics as is_learned_from

from sampled_texts
where topic is not null

union all

select distinct
    sampled_texts.review_id,
    topic_terms.topic,
    'terms' as label_source,
    not sampled_texts.has_own_topics as is_learned_from

from sampled_texts
-- a text without any term is about none of the topics, as far as the list can tell
left join topic_terms
    on
        contains(sampled_texts.padded_text, topic_terms.padded_term)
        and (
            sampled_texts.language is null
            or sampled_texts.language = topic_terms.language
        )

with

reviews as (

    select * from {{ ref('cartwise', 'cartwise__review_sentiments') }}
    where sentiment = 'negative'

),

topics as (

    select
        review_id,
        topic

    from {{ ref('cartwise', 'cartwise__review_topics') }}
    where topic_rank = 1

),

products as (

    select
        product_id,
        product_name

    from {{ ref('cartwise', 'int_cartwise__products') }}
    -- a key is no name
    where product_name <> product_id

),

templates as (

    select * from {{ cartwise.lookup('reply_templates') }}

),

candidates as (

    select
        reviews.review_id,
        reviews.product_id,
        products.product_name,
        reviews.rating,
        reviews.language,
        topics.topic,
        templates.topic as template_topic,
        templates.language as template_language,
        replace(
            templates.template,
            '{product}',
            coalesce(products.product_name, templates.unnamed_product)
        ) as draft_reply,
        reviews.review_date,
        reviews.as_of_date,
        row_number() over (
            partition by reviews.review_id
            order by
                case when templates.language = reviews.language then 0 else 1 end,
                case when templates.topic = topics.topic then 0 else 1 end,
                templates.template
        ) as place

    from reviews
    left join topics on reviews.review_id = topics.review_id
    left join products on reviews.product_id = products.product_id
    -- the reply about the topic, else a general one; in English where there is none in the language
    inner join templates
        on
            templates.topic in (coalesce(topics.topic, 'any'), 'any')
            and templates.language in (coalesce(reviews.language, 'en'), 'en')

)

select
    review_id,
    product_id,
    product_name,
    rating,
    language,
    topic,
    template_topic,
    template_language,
    draft_reply,
    'draft' as status,
    review_date,
    as_of_date

from candidates
where place = 1

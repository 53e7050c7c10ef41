with

reviews as (

    select
        review_id,
        rating_sentiment

    from {{ ref('cartwise', 'int_cartwise__reviews') }}
    where
        is_learnable
        and rating_sentiment is not null

),

texts as (

    select
        review_id,
        token_text,
        fold

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }}
    where token_text is not null

),

sufficiency as (

    select min(case when is_met then 1 else 0 end) = 1 as is_sufficient

    from {{ ref('cartwise', 'feat_cartwise__review_sufficiency') }}
    where model = 'sentiment'

),

drawn_reviews as (

    select
        reviews.review_id,
        reviews.rating_sentiment,
        row_number() over (
            partition by reviews.rating_sentiment
            order by {{ cartwise.hash_share('reviews.review_id') }}, reviews.review_id
        ) as place,
        cast(count(*) over (partition by reviews.rating_sentiment) as double) as count_reviews

    from reviews
    inner join texts on reviews.review_id = texts.review_id
    cross join sufficiency
    where sufficiency.is_sufficient

)

-- at most so many of each sentiment, weighted back to their share in the shop
select
    drawn_reviews.review_id,
    texts.token_text,
    texts.fold,
    drawn_reviews.rating_sentiment as sentiment,
    greatest(drawn_reviews.count_reviews / 20000, 1) as sample_weight

from drawn_reviews
inner join texts on drawn_reviews.review_id = texts.review_id
where drawn_reviews.place <= 20000

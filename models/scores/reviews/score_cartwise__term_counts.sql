{#- terms that weigh most in the sentiment model; the others tell little and are many -#}
{%- set count_terms = 5000 -%}

with

texts as (

    select
        texts.review_id,
        texts.token_text,
        reviews.product_id,
        case when reviews.sentiment = 'negative' then 1 else 0 end as is_negative

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }} as texts
    inner join {{ ref('cartwise', 'score_cartwise__reviews') }} as reviews
        on texts.review_id = reviews.review_id
    where
        texts.token_text is not null
        and reviews.sentiment in ('negative', 'positive')

),

term_counts as (

    {{ cartwise.explode_terms('texts', ['review_id', 'product_id', 'is_negative']) }}

),

known_terms as (

    select
        term,
        positive_weight - negative_weight as weight,
        abs(positive_weight - negative_weight) as strength

    from {{ ref('cartwise', 'ml_cartwise__sentiment_weights') }}
    where
        fold_id = 'all'
        and term <> '(intercept)'
    order by 3 desc, 1 asc
    limit {{ count_terms }}

)

select
    term_counts.product_id,
    term_counts.term,
    known_terms.weight,
    sum(term_counts.is_negative) as count_negative,
    sum(1 - term_counts.is_negative) as count_positive

from term_counts
inner join known_terms on term_counts.term = known_terms.term
group by 1, 2, 3

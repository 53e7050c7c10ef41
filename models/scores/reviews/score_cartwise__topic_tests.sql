with

weights as (

    select * from {{ ref('cartwise', 'ml_cartwise__topic_weights') }}
    where fold_id = '0'

),

-- texts that these weights were learned without
texts as (

    select
        review_id,
        token_text

    from {{ ref('cartwise', 'feat_cartwise__topic_examples') }}
    where fold = 0

),

term_counts as (

    {{ cartwise.explode_terms('texts', ['review_id']) }}

),

-- a topic that was learned from a list of terms has to be told without them
term_sums as (

    select
        term_counts.review_id,
        weights.topic,
        {{ cartwise.stable_sum('(1 + ln(term_counts.term_count)) * weights.idf * weights.weight') }}
            as total,
        {{ cartwise.stable_sum('power((1 + ln(term_counts.term_count)) * weights.idf, 2)') }}
            as squares

    from term_counts
    inner join weights on term_counts.term = weights.term
    where not weights.is_own_term
    group by 1, 2

)

select
    texts.review_id,
    weights.topic,
    1 / (1 + exp(-weights.weight - coalesce(term_sums.total / sqrt(term_sums.squares), 0)))
        as probability

from texts
cross join weights
left join term_sums
    on
        texts.review_id = term_sums.review_id
        and weights.topic = term_sums.topic
where weights.term = '(intercept)'

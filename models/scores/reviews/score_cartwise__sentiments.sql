{%- set sentiments = ['negative', 'neutral', 'positive'] -%}
{%- set columns = [
    'review_id',
    'text_id',
    'fold_id',
    'model_id',
    'negative_probability',
    'neutral_probability',
    'positive_probability',
    'count_known_terms',
] -%}
{%- set last_build = cartwise.last_build(columns) -%}

with

weights as (

    select * from {{ ref('cartwise', 'ml_cartwise__sentiment_weights') }}

),

intercepts as (

    select * from weights
    where term = '(intercept)'

),

texts as (

    select * from {{ ref('cartwise', 'feat_cartwise__review_texts') }}
    where token_text is not null

),

reviews as (

    select
        review_id,
        rating

    from {{ ref('cartwise', 'int_cartwise__reviews') }}

),

-- rated texts are scored by weights learned without them, and the others by those of all
tasks as (

    select
        texts.review_id,
        texts.text_id,
        texts.token_text,
        intercepts.fold_id,
        intercepts.model_id

    from texts
    inner join reviews on texts.review_id = reviews.review_id
    inner join intercepts
        on
            case
                when reviews.rating is null then 'all'
                else cast(texts.fold as {{ dbt.type_string() }})
            end = intercepts.fold_id

),

-- a score holds as long as its text and its weights do
kept_scores as (

    {% if last_build -%}
    select
        last_scores.{{ columns | join(',\n        last_scores.') }}

    from {{ last_build }} as last_scores
    inner join tasks
        on
            last_scores.review_id = tasks.review_id
            and last_scores.text_id = tasks.text_id
            and last_scores.model_id = tasks.model_id
    {%- else -%}
    select
        review_id,
        text_id,
        fold_id,
        model_id,
        {%- for sentiment in sentiments %}
        cast(null as double) as {{ sentiment }}_probability,
        {%- endfor %}
        cast(null as bigint) as count_known_terms

    from tasks
    where 1 = 0
    {%- endif %}

),

new_tasks as (

    select tasks.*

    from tasks
    left join kept_scores on tasks.review_id = kept_scores.review_id
    where kept_scores.review_id is null

),

term_counts as (

    {{ cartwise.explode_terms('new_tasks', ['review_id', 'fold_id']) }}

),

known_terms as (

    select
        term_counts.review_id,
        (1 + ln(term_counts.term_count)) * weights.idf as tf_idf,
        weights.negative_weight,
        weights.neutral_weight,
        weights.positive_weight

    from term_counts
    inner join weights
        on
            term_counts.fold_id = weights.fold_id
            and term_counts.term = weights.term

),

term_sums as (

    select
        review_id,
        {%- for sentiment in sentiments %}
        {{ cartwise.stable_sum('tf_idf * ' ~ sentiment ~ '_weight') }} as {{ sentiment }}_sum,
        {%- endfor %}
        sqrt({{ cartwise.stable_sum('tf_idf * tf_idf') }}) as norm,
        count(*) as count_known_terms

    from known_terms
    group by 1

),

logits as (

    select
        new_tasks.review_id,
        new_tasks.text_id,
        new_tasks.fold_id,
        new_tasks.model_id,
        {%- for sentiment in sentiments %}
        intercepts.{{ sentiment }}_weight
        + coalesce(term_sums.{{ sentiment }}_sum / term_sums.norm, 0) as {{ sentiment }}_logit,
        {%- endfor %}
        coalesce(term_sums.count_known_terms, 0) as count_known_terms

    from new_tasks
    inner join intercepts on new_tasks.fold_id = intercepts.fold_id
    left join term_sums on new_tasks.review_id = term_sums.review_id

),

odds as (

    select
        review_id,
        text_id,
        fold_id,
        model_id,
        {%- for sentiment in sentiments %}
        -- without neutral texts there is no neutral weight
        coalesce(
            exp({{ sentiment }}_logit - greatest(negative_logit, neutral_logit, positive_logit)), 0
        ) as {{ sentiment }}_odds,
        {%- endfor %}
        count_known_terms

    from logits

)

select * from kept_scores

union all

select
    review_id,
    text_id,
    fold_id,
    model_id,
    {%- for sentiment in sentiments %}
    {{ sentiment }}_odds / (negative_odds + neutral_odds + positive_odds)
        as {{ sentiment }}_probability,
    {%- endfor %}
    count_known_terms

from odds

{#- topics are scored eight at a time, in columns: a row per term and topic would be many more -#}
{%- set places = range(8) -%}
{%- set columns = ['review_id', 'text_id', 'model_id', 'topic', 'probability'] -%}
{%- set last_build = cartwise.last_build(columns) -%}

with

weights as (

    select
        *,
        dense_rank() over (order by topic) - 1 as topic_number

    from {{ ref('cartwise', 'ml_cartwise__topic_weights') }}
    where fold_id = 'all'

),

intercepts as (

    select
        topic,
        model_id,
        cast(floor(topic_number / 8) as integer) as block,
        'place_' || cast(topic_number % 8 as {{ dbt.type_string() }}) as place,
        weight

    from weights
    where term = '(intercept)'

),

wide_weights as (

    select
        term,
        cast(floor(topic_number / 8) as integer) as block,
        {%- for place in places %}
        max(case when topic_number % 8 = {{ place }} then weight end) as weight_{{ place }},
        {%- endfor %}
        max(idf) as idf

    from weights
    where term <> '(intercept)'
    group by 1, 2

),

tasks as (

    select
        texts.review_id,
        texts.text_id,
        texts.token_text,
        models.model_id

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }} as texts
    cross join (select distinct model_id from intercepts) as models
    where texts.token_text is not null

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
        model_id,
        model_id as topic,
        cast(null as double) as probability

    from tasks
    where 1 = 0
    {%- endif %}

),

new_tasks as (

    select tasks.*

    from tasks
    left join (select distinct review_id from kept_scores) as kept_reviews
        on tasks.review_id = kept_reviews.review_id
    where kept_reviews.review_id is null

),

term_counts as (

    {{ cartwise.explode_terms('new_tasks', ['review_id']) }}

),

known_terms as (

    select
        term_counts.review_id,
        (1 + ln(term_counts.term_count)) * wide_weights.idf as tf_idf,
        wide_weights.*

    from term_counts
    inner join wide_weights on term_counts.term = wide_weights.term

),

term_sums as (

    select
        review_id,
        block,
        {%- for place in places %}
        {{ cartwise.stable_sum('tf_idf * weight_' ~ place) }} as total_{{ place }},
        {%- endfor %}
        sqrt({{ cartwise.stable_sum('tf_idf * tf_idf') }}) as norm

    from known_terms
    group by 1, 2

),

topic_sums as (

    select
        review_id,
        block,
        place,
        total / norm as total

    from term_sums
    unpivot (
        total for place in (
            {%- for place in places %}
            total_{{ place }} as place_{{ place }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

probabilities as (

    select
        new_tasks.review_id,
        new_tasks.text_id,
        new_tasks.model_id,
        intercepts.topic,
        1 / (1 + exp(-intercepts.weight - coalesce(topic_sums.total, 0))) as probability

    from new_tasks
    cross join intercepts
    left join topic_sums
        on
            new_tasks.review_id = topic_sums.review_id
            and intercepts.block = topic_sums.block
            and intercepts.place = topic_sums.place

),

likeliest as (

    select
        review_id,
        max(probability) as highest_probability

    from probabilities
    group by 1

)

select * from kept_scores

union all

select
    probabilities.{{ columns | join(',\n    probabilities.') }}

from probabilities
inner join likeliest on probabilities.review_id = likeliest.review_id
-- one row at least, so that the next build sees that the text was scored
where
    probabilities.probability >= 0.5
    or probabilities.probability = likeliest.highest_probability

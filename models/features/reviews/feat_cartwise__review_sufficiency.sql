{%- set gates = cartwise.sufficiency_gates() -%}
{%- set descriptions = {
    'rated_texts': 'reviews with a text and stars to learn from',
    'negative_texts': 'negative ones among them',
    'positive_texts': 'positive ones among them',
    'topics': 'topics with at least 30 texts to learn from',
} -%}
{%- set sentiment_gates = ['rated_texts', 'negative_texts', 'positive_texts'] -%}

with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

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

    select review_id from {{ ref('cartwise', 'feat_cartwise__review_texts') }}
    where token_text is not null

),

text_counts as (

    select
        count(*) as rated_texts,
        sum(case when reviews.rating_sentiment = 'negative' then 1 else 0 end) as negative_texts,
        sum(case when reviews.rating_sentiment = 'positive' then 1 else 0 end) as positive_texts

    from reviews
    inner join texts on reviews.review_id = texts.review_id

),

frequent_topics as (

    select topic

    from {{ ref('cartwise', 'feat_cartwise__topic_labels') }}
    where
        is_learned_from
        and topic is not null
    group by 1
    having count(*) >= 30

),

topic_counts as (

    select count(*) as topics

    from frequent_topics

),

measured as (

    select
        as_of_date.as_of_date,
        {%- for gate in sentiment_gates %}
        cast(coalesce(text_counts.{{ gate }}, 0) as double) as {{ gate }},
        {%- endfor %}
        cast(topic_counts.topics as double) as topics

    from as_of_date
    cross join text_counts
    cross join topic_counts

),

gate_values as (

    select
        as_of_date,
        gate,
        gate_value

    from measured
    unpivot include nulls (gate_value for gate in ({{ descriptions | join(', ') }}))

),

thresholds as (

    {% for gate, description in descriptions.items() -%}
    select
        '{{ 'sentiment' if gate in sentiment_gates else 'topics' }}' as model,
        '{{ gate }}' as gate,
        '{{ description }}' as description,
        cast({{ gates[gate] }} as double) as least_value
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

)

select
    thresholds.model,
    thresholds.gate,
    thresholds.description,
    gate_values.gate_value,
    thresholds.least_value,
    cast(null as double) as most_value,
    gate_values.gate_value >= thresholds.least_value as is_met,
    gate_values.as_of_date

from thresholds
inner join gate_values on thresholds.gate = gate_values.gate

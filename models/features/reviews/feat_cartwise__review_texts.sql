{%- set columns = ['review_id', 'text_id', 'token_text', 'fold', 'text_language'] -%}
{%- set last_build = cartwise.last_build(columns) -%}
{%- set scripts = {
    '[\\p{Hiragana}\\p{Katakana}]': 'ja',
    '\\p{Han}': 'zh',
    '\\p{Hangul}': 'ko',
    '\\p{Thai}': 'th',
} -%}

with

reviews as (

    select
        review_id,
        text_id,
        review_text

    from {{ ref('cartwise', 'int_cartwise__reviews') }}
    where review_text is not null

),

-- cutting texts into tokens is dear, so a text that has not changed is taken from the last build
kept_texts as (

    {% if last_build -%}
    select
        last_texts.review_id,
        last_texts.text_id,
        last_texts.token_text,
        last_texts.fold,
        last_texts.text_language

    from {{ last_build }} as last_texts
    inner join reviews
        on
            last_texts.review_id = reviews.review_id
            and last_texts.text_id = reviews.text_id
    {%- else -%}
    select
        review_id,
        text_id,
        review_text as token_text,
        cast(null as integer) as fold,
        review_text as text_language

    from reviews
    where 1 = 0
    {%- endif %}

),

new_texts as (

    select
        reviews.review_id,
        reviews.text_id,
        {{ cartwise.token_text('reviews.review_text') }} as token_text

    from reviews
    left join kept_texts on reviews.review_id = kept_texts.review_id
    where kept_texts.review_id is null

),

token_lists as (

    select
        review_id,
        split(token_text, ' ') as tokens

    from new_texts

),

tokens as (

    {{ cartwise.explode_array('token_lists', 'review_id', 'tokens', 'token') }}

),

votes as (

    select
        tokens.review_id,
        language_words.language,
        rank() over (partition by tokens.review_id order by count(*) desc) as place

    from tokens
    inner join {{ cartwise.lookup('language_words') }} as language_words
        on tokens.token = language_words.word
    group by 1, 2

),

-- a draw tells nothing
languages as (

    select
        review_id,
        min(language) as language

    from votes
    where place = 1
    group by 1
    having count(*) = 1

)

select * from kept_texts

union all

select
    new_texts.review_id,
    new_texts.text_id,
    new_texts.token_text,
    -- the same text always falls into the same fold, so none is learned from and scored at once
    cast(floor({{ cartwise.hash_share('new_texts.token_text') }} * 5) as integer) as fold,
    case
        {%- for pattern, language in scripts.items() %}
        when {{ cartwise.has_pattern('new_texts.token_text', pattern) }} then '{{ language }}'
        {%- endfor %}
        else languages.language
    end as text_language

from new_texts
left join languages on new_texts.review_id = languages.review_id

{%- set scripts = {
    '[\\p{Hiragana}\\p{Katakana}]': 'ja',
    '\\p{Han}': 'zh',
    '\\p{Hangul}': 'ko',
    '\\p{Thai}': 'th',
} -%}

with

texts as (

    select
        review_id,
        token_text,
        split(token_text, ' ') as tokens

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }}
    where token_text is not null

),

tokens as (

    {{ cartwise.explode_array('texts', 'review_id', 'tokens', 'token') }}

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

),

likely_languages as (

    select
        texts.review_id,
        case
            {%- for pattern, language in scripts.items() %}
            when {{ cartwise.has_pattern('texts.token_text', pattern) }} then '{{ language }}'
            {%- endfor %}
            else languages.language
        end as text_language

    from texts
    left join languages on texts.review_id = languages.review_id

)

select * from likely_languages
where text_language is not null

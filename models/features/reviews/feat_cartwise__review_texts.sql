{%- set columns = ['review_id', 'text_id', 'token_text', 'fold'] -%}
{%- set last_build = cartwise.last_build(columns) -%}

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
        last_texts.{{ columns | join(',\n        last_texts.') }}

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
        cast(null as integer) as fold

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

)

select * from kept_texts

union all

select
    review_id,
    text_id,
    token_text,
    -- the same text always falls into the same fold, so none is learned from and scored at once
    cast(floor({{ cartwise.hash_share('token_text') }} * 5) as integer) as fold

from new_texts

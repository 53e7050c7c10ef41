with

terms as (

    select
        trim({{ cartwise.replace_pattern('lower(topic)', '[|\\s\\p{Z}]+', ' ') }}) as topic,
        language,
        {{ cartwise.token_text('term') }} as term

    from {{ cartwise.lookup('topic_terms') }}

)

select distinct
    topic,
    language,
    term

from terms
where
    topic is not null
    and term is not null

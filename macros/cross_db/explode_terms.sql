{% macro explode_terms(relation, columns) %}
    {#- One row per row of a relation and term of its `token_text`, the 1- and 2-grams of its tokens:
        the columns, `term` and `term_count`. Counted inside each row, so that nothing larger than a
        text has to be grouped. -#}
    {{- adapter.dispatch('explode_terms', 'cartwise')(relation, columns) -}}
{% endmacro %}

{% macro default__explode_terms(relation, columns) -%}
    select
        {{ columns | join(', ') }},
        entry.key as term,
        entry.value as term_count
    from (
        select
            {{ columns | join(', ') }},
            unnest(map_entries(list_histogram(list_concat(
                tokens,
                list_transform(
                    list_zip(tokens[:-2], tokens[2:]), lambda pair: pair[1] || ' ' || pair[2]
                )
            )))) as entry
        from (
            select
                {{ columns | join(', ') }},
                string_split(token_text, ' ') as tokens
            from {{ relation }}
        )
    )
{%- endmacro %}

{% macro spark__explode_terms(relation, columns) -%}
    select
        {{ columns | join(', ') }},
        term,
        count(*) as term_count
    from (
        select
            {{ columns | join(', ') }},
            explode(concat(
                tokens,
                zip_with(
                    slice(tokens, 1, size(tokens) - 1),
                    slice(tokens, 2, size(tokens) - 1),
                    (first, second) -> concat(first, ' ', second)
                )
            )) as term
        from (
            select
                {{ columns | join(', ') }},
                split(token_text, ' ') as tokens
            from {{ relation }}
        )
    )
    group by {{ columns | join(', ') }}, term
{%- endmacro %}

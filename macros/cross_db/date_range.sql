{% macro date_range(relation, first_date, last_date, column) %}
    {#- One row per day from one date column of a one-row relation to another, both included; no
        row when either is null. -#}
    {{- adapter.dispatch('date_range', 'cartwise')(relation, first_date, last_date, column) -}}
{% endmacro %}

{% macro default__date_range(relation, first_date, last_date, column) -%}
    select cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date)
            as {{ column }}
    from {{ relation }}
{%- endmacro %}

{% macro spark__date_range(relation, first_date, last_date, column) -%}
    select explode(sequence({{ first_date }}, {{ last_date }}, interval 1 day)) as {{ column }}
    from {{ relation }}
{%- endmacro %}

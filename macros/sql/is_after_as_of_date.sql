{% macro is_after_as_of_date(timestamp) -%}
    {#- Whether a row is later than the day everything is computed for; never, when that day is
        taken from the data. -#}
    {%- if var('as_of_date') -%}
        cast({{ timestamp }} as date) > cast('{{ var("as_of_date") }}' as date)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

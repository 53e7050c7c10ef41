{% macro months_between(earlier, later) -%}
    {#- Calendar months from the month of one date to the month of another, as bigint. -#}
    cast(
        12 * (extract(year from {{ later }}) - extract(year from {{ earlier }}))
        + extract(month from {{ later }}) - extract(month from {{ earlier }}) as bigint
    )
{%- endmacro %}

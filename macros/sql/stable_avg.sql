{% macro stable_avg(value) -%}
    {#- A mean that does not depend on the order in which threads add: the sum is taken over decimals.
        Null without values. -#}
    cast(sum(cast({{ value }} as decimal(38, 15))) as double) / nullif(count({{ value }}), 0)
{%- endmacro %}

{% macro stable_sum(value) -%}
    {#- A sum of doubles that does not depend on the order in which threads add: it is taken over
        decimals. Null without values. -#}
    cast(sum(cast({{ value }} as decimal(38, 15))) as double)
{%- endmacro %}

{% macro stable_avg(value) -%}
    {#- A mean that does not depend on the order in which threads add: the sum is taken over decimals.
        Null without values. -#}
    {{ cartwise.stable_sum(value) }} / nullif(count({{ value }}), 0)
{%- endmacro %}

{% macro proper_subsets(most) -%}
    {#- One row per way to pick some, not all, of up to `most` positions: `positions` as an array and
        `mask` as a whole number with a bit per position, so that the picks that fit an array of n
        elements are those with mask < 2^n - 1. -#}
    {% for mask in range(1, [2, 2 ** most - 1] | max) -%}
    {%- set positions = [] -%}
    {%- for position in range(most) if (mask // 2 ** position) % 2 -%}
        {%- do positions.append(position + 1) -%}
    {%- endfor -%}
    select {{ mask }} as mask, {{ dbt.array_construct(positions) }} as positions
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}

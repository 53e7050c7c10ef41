{% macro count_remarks(input, relation, amount, conditions) -%}
    {#- One row per remark: how many rows of a relation meet its condition, and what they are
        worth. -#}
    {% for rule, condition in conditions.items() -%}
    select
        '{{ input }}' as input_name,
        '{{ rule }}' as rule,
        count(*) as count_rows,
        sum({{ amount }}) as amount

    from {{ relation }}
    where {{ condition }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}
{%- endmacro %}

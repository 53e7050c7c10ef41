{% macro in_part(column) -%}
    {{ column }} % {{ cartwise.count_parts() }} = 0
{%- endmacro %}

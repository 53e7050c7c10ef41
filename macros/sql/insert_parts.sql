{% macro insert_parts() %}
    {%- set parts = cartwise.count_parts() -%}
    {%- for part in range(1, parts) %}
insert into {{ this }} by name
{{ sql | replace(' % ' ~ parts ~ ' = 0', ' % ' ~ parts ~ ' = ' ~ part) }};
    {%- endfor %}
{% endmacro %}

{% macro input_columns(relation) %}
    {#- Lower-case name -> column of what an input really has; empty for an absent input. -#}
    {%- set columns = {} -%}
    {%- if execute and relation is not none and cartwise._can_be_read(relation) -%}
        {%- for column in adapter.get_column_schema_from_query(
            'select * from ' ~ relation ~ ' where 1 = 0'
        ) -%}
            {%- do columns.update({column.name | lower: column}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(columns) -}}
{% endmacro %}

{% macro _can_be_read(relation) %}
    {#- A build runs after what it reads; commands that only compile may come before it. A file is
        there, or there would be no relation. -#}
    {%- set parts = (relation | string).replace('"', '').replace('`', '').split('.') -%}
    {%- if flags.WHICH in ('build', 'run', 'test', 'retry') or parts | length != 3
        or '(' in relation | string -%}
        {{- return(true) -}}
    {%- endif -%}
    {{- return(adapter.get_relation(parts[0], parts[1], parts[2]) is not none) -}}
{% endmacro %}

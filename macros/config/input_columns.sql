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
    {%- set text = relation | string -%}
    {%- set parts = text.replace('"', '').replace('`', '').split('.') -%}
    {%- if flags.WHICH in ('build', 'run', 'test', 'retry') or '(' in text
        or text.startswith('parquet.') or parts | length not in (2, 3) -%}
        {{- return(true) -}}
    {%- endif -%}
    {%- set database = parts[0] if parts | length == 3 else none -%}
    {{- return(adapter.get_relation(database, parts[-2], parts[-1]) is not none) -}}
{% endmacro %}

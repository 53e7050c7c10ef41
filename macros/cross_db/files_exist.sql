{% macro files_exist(pattern) %}
    {{- return(adapter.dispatch('files_exist', 'cartwise')(pattern)) -}}
{% endmacro %}

{% macro default__files_exist(pattern) %}
    {%- set found = run_query(
        "select count(*) from glob(" ~ dbt.string_literal(dbt.escape_single_quotes(pattern)) ~ ")"
    ) -%}
    {{- return(found.columns[0].values()[0] > 0) -}}
{% endmacro %}

{% macro spark__files_exist(path) %}
    {#- Spark has no SQL to list files: ask for the path's schema, which is quick, and see. -#}
    {{- return(adapter.path_exists(path)) -}}
{% endmacro %}

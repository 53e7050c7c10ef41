{% macro files_exist(pattern) %}
    {{- return(adapter.dispatch('files_exist', 'cartwise')(pattern)) -}}
{% endmacro %}

{% macro default__files_exist(pattern) %}
    {%- set found = run_query(
        "select count(*) from glob(" ~ cartwise._path_literal(pattern) ~ ")"
    ) -%}
    {{- return(found.columns[0].values()[0] > 0) -}}
{% endmacro %}

{% macro _path_pattern(path) %}
    {#- Matches the path alone, where a folder shop [1] would be shop 1. -#}
    {{- return(modules.re.sub('([*?[])', '[\\1]', path)) -}}
{% endmacro %}

{% macro _path_literal(path) %}
    {{- return(cartwise._literals([cartwise._path_pattern(path)])) -}}
{% endmacro %}

{% macro spark__files_exist(path) %}
    {#- Spark has no SQL to list files: ask for the path's schema, which is quick, and see. -#}
    {{- return(adapter.path_exists(path)) -}}
{% endmacro %}

{% macro read_parquet_file(path) %}
    {{- return(adapter.dispatch('read_parquet_file', 'cartwise')(path)) -}}
{% endmacro %}

{% macro default__read_parquet_file(path) %}
    {{- return("read_parquet(" ~ cartwise._path_literal(path) ~ ")") -}}
{% endmacro %}

{% macro spark__read_parquet_file(path) %}
    {{- return("parquet.`" ~ path ~ "`") -}}
{% endmacro %}

{% macro read_csv_file(path) %}
    {{- return(adapter.dispatch('read_csv_file', 'cartwise')(path)) -}}
{% endmacro %}

{% macro default__read_csv_file(path) %}
    {#- The separator is found out. The quotes are given, as a long file may not use any in the part
        that DuckDB looks at. -#}
    {{- return(
        "read_csv(" ~ dbt.string_literal(dbt.escape_single_quotes(path))
        ~ ", header = true, all_varchar = true, quote = '\"', escape = '\"')"
    ) -}}
{% endmacro %}

{% macro spark__read_csv_file(path) %}
    {{- exceptions.raise_compiler_error(
        "cartwise reads " ~ path ~ " on DuckDB only. On Spark give data_path a folder of Parquet, or"
        ~ " set the input_ vars to relations."
    ) -}}
{% endmacro %}

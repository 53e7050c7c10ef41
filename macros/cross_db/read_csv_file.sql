{% macro read_csv_file(path) %}
    {{- return(adapter.dispatch('read_csv_file', 'cartwise')(path)) -}}
{% endmacro %}

{% macro default__read_csv_file(path) %}
    {#- The separator is found out. The quotes are given, as a long file may not use any in the part
        that DuckDB looks at. Lines that do not fit the header are kept apart and stop the build in
        check_input: otherwise one of them makes DuckDB take the whole header for one column, or
        quote the line, with whatever personal data it holds, in its error. So it does with lines that
        are too long, by default longer than 2 MB. -#}
    {{- return(
        "read_csv(" ~ cartwise._path_literal(path)
        ~ ", header = true, all_varchar = true, quote = '\"', escape = '\"', store_rejects = true"
        ~ ", max_line_size = 16777216)"
    ) -}}
{% endmacro %}

{% macro spark__read_csv_file(path) %}
    {{- exceptions.raise_compiler_error(
        "cartwise reads " ~ path ~ " on DuckDB only. On Spark give data_path a folder of Parquet, or"
        ~ " set the input_ vars to relations."
    ) -}}
{% endmacro %}

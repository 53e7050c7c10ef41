{% macro malformed_csv_lines(relation, name) %}
    {#- A row of counts about the lines of a CSV file that do not have the columns of its header or
        are no UTF-8: how many, the first and the last line number. `relation` is what read_csv_file
        returned. -#}
    {{- return(adapter.dispatch('malformed_csv_lines', 'cartwise')(relation, name)) -}}
{% endmacro %}

{% macro default__malformed_csv_lines(relation, name) %}
    {#- Counts each column, as the bytes of one that nobody reads are not looked at. -#}
    {%- do run_query(
        "select count(columns(*)) from " ~ relation[:-1] ~ ", rejects_table = '"
        ~ name ~ "_lines', rejects_scan = '" ~ name ~ "_files')"
    ) -%}
    {{- return(run_query(
        "select count(distinct line), min(line), max(line) from " ~ name ~ "_lines"
    ).rows[0]) -}}
{% endmacro %}

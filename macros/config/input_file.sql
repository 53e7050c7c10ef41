{% macro input_file(input) %}
    {#- The file of one input inside `data_path`, as something to select from; none when there is
        no such file. Text files are read as text, so that the contract decides about types. -#}
    {%- if not execute -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set stem = (var('data_path') | string).rstrip('/') ~ '/' ~ input -%}
    {%- if cartwise.files_exist(stem ~ '.parquet') -%}
        {{- return(cartwise.read_parquet_file(stem ~ '.parquet')) -}}
    {%- elif cartwise.files_exist(stem ~ '.csv') -%}
        {{- return(cartwise.read_csv_file(stem ~ '.csv')) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

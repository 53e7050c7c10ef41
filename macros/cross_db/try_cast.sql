{% macro try_cast(expression, data_type) %}
    {#- The value as `data_type`, null where it cannot be read. dbt.safe_cast raises on DuckDB. -#}
    {{- return(adapter.dispatch('try_cast', 'cartwise')(expression, data_type)) -}}
{% endmacro %}

{% macro default__try_cast(expression, data_type) %}
    {{- return("try_cast(" ~ expression ~ " as " ~ data_type ~ ")") -}}
{% endmacro %}

{% macro days_between(earlier, later) %}
    {#- Whole days from the day of one date or timestamp to the day of another, as bigint. -#}
    {{- return(adapter.dispatch('days_between', 'cartwise')(earlier, later)) -}}
{% endmacro %}

{% macro default__days_between(earlier, later) %}
    {{- return("(cast(" ~ later ~ " as date) - cast(" ~ earlier ~ " as date))") -}}
{% endmacro %}

{% macro spark__days_between(earlier, later) %}
    {{- return("cast(datediff(" ~ later ~ ", " ~ earlier ~ ") as bigint)") -}}
{% endmacro %}

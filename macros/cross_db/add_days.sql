{% macro add_days(date, days) %}
    {#- The day so many days after a date; days may be any number and count as begun. -#}
    {{- return(adapter.dispatch('add_days', 'cartwise')(date, days)) -}}
{% endmacro %}

{% macro default__add_days(date, days) %}
    {{- return("(" ~ date ~ " + cast(ceil(" ~ days ~ ") as integer))") -}}
{% endmacro %}

{% macro spark__add_days(date, days) %}
    {{- return("date_add(" ~ date ~ ", cast(ceil(" ~ days ~ ") as int))") -}}
{% endmacro %}

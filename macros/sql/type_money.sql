{% macro type_money() %}
    {{- return("decimal(18, 2)") -}}
{% endmacro %}

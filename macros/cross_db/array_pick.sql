{% macro array_pick(array, positions) %}
    {#- The elements of an array at the positions (from 1) that another array lists. -#}
    {{- return(adapter.dispatch('array_pick', 'cartwise')(array, positions)) -}}
{% endmacro %}

{% macro default__array_pick(array, positions) %}
    {{- return("list_select(" ~ array ~ ", " ~ positions ~ ")") -}}
{% endmacro %}

{% macro spark__array_pick(array, positions) %}
    {{- return(
        "transform(" ~ positions ~ ", place -> element_at(" ~ array ~ ", place))"
    ) -}}
{% endmacro %}

{% macro array_subset(array, mask) %}
    {#- The elements of an array whose bit is set in `mask`, the first element being bit 0. -#}
    {{- return(adapter.dispatch('array_subset', 'cartwise')(array, mask)) -}}
{% endmacro %}

{% macro default__array_subset(array, mask) %}
    {{- return(
        "list_filter(" ~ array ~ ", lambda element, position: ("
        ~ mask ~ " >> (position - 1)) & 1 = 1)"
    ) -}}
{% endmacro %}

{% macro lookup(name) %}
    {#- The relation of a lookup: what the var `lookups` names, else the seed. -#}
    {%- set seed = ref('cartwise', 'cartwise_' ~ name) -%}
    {%- set relation = var('lookups').get(name) -%}
    {%- if relation -%}
        {%- set relation = render(relation) -%}
        {%- do cartwise._check_relation('lookups', relation) -%}
    {%- endif -%}
    {{- return(relation or seed) -}}
{% endmacro %}

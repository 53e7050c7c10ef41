{% macro lookup(name) %}
    {#- The relation of a lookup: what the var `lookups` names, else the seed. -#}
    {%- set seed = ref('cartwise', 'cartwise_' ~ name) -%}
    {%- set relation = var('lookups').get(name) -%}
    {{- return(render(relation) if relation else seed) -}}
{% endmacro %}

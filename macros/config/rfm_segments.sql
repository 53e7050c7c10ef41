{% macro rfm_segments() %}
    {#- The relation that names the cells of recency and value. -#}
    {%- set seed = ref('cartwise', 'cartwise_rfm_segments') -%}
    {{- return(var('rfm_segments') or seed) -}}
{% endmacro %}

{% macro count_parts() %}
    {#- In how many parts a model of all customers is made, so that the memory it takes does not grow
        with the shop: its SQL selects the customers of the first part by in_part, and its post-hook
        insert_parts inserts the others, in the same transaction. -#}
    {{- return(adapter.dispatch('count_parts', 'cartwise')()) -}}
{% endmacro %}

{% macro default__count_parts() %}
    {%- set customers = ref('cartwise', 'feat_cartwise__recommendation_customers') -%}
    {%- if not execute or model.resource_type == 'unit_test' or not load_relation(customers) -%}
        {{- return(1) -}}
    {%- endif -%}
    {%- set count = run_query("select count(*) from " ~ customers).rows[0][0] | int -%}
    {{- return(1 + count // 50000) -}}
{% endmacro %}

{% macro spark__count_parts() %}
    {#- A cluster divides the work itself. -#}
    {{- return(1) -}}
{% endmacro %}

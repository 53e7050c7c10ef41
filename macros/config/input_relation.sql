{% macro input_relation(input) %}
    {#- What a staging model selects from: the consumer's relation, a file in `data_path`, or the
        demo shop. None when an optional input is absent. -#}
    {%- set relation = var('input_' ~ input) -%}
    {%- if relation -%}
        {%- do cartwise._check_relation('input_' ~ input, relation) -%}
        {{- return(relation) -}}
    {%- elif var('data_path') -%}
        {{- return(cartwise.input_file(input)) -}}
    {%- elif project_name == 'cartwise' -%}
        {{- return(ref('cartwise', input)) -}}
    {%- endif -%}
    {{- return(none) -}}
{% endmacro %}

{% macro explode_array(relation, key, array, element) %}
    {#- One row per element of an array column: the key, `position` from 1, and the element. -#}
    {{- adapter.dispatch('explode_array', 'cartwise')(relation, key, array, element) -}}
{% endmacro %}

{% macro default__explode_array(relation, key, array, element) -%}
    select
        {{ key }},
        unnest(range(1, len({{ array }}) + 1)) as position,
        unnest({{ array }}) as {{ element }}
    from {{ relation }}
{%- endmacro %}

{% macro spark__explode_array(relation, key, array, element) -%}
    select
        {{ key }},
        exploded.position + 1 as position,
        exploded.{{ element }}
    from {{ relation }}
    lateral view posexplode({{ array }}) exploded as position, {{ element }}
{%- endmacro %}

{% macro end_build(results) %}
    {{- return(adapter.dispatch('end_build', 'cartwise')(results)) -}}
{% endmacro %}

{% macro default__end_build(results) %}
    {#- Strikes what went well off the table cartwise_pending, and notes how the rest ended. -#}
    {%- if execute and flags.WHICH in cartwise._commands_that_build() -%}
        {%- set ended = {} -%}
        {%- for result in results -%}
            {%- set is_good = result.status in ('success', 'pass', 'warn', 'no-op')
                and not flags.EMPTY -%}
            {%- do ended.setdefault('good' if is_good else result.status | string, []).append(
                result.node.unique_id
            ) -%}
        {%- endfor -%}
        {%- for status, nodes in ended.items() %}
            {%- if status == 'good' %}
delete from {{ cartwise._pending_relation() }}
            {%- else %}
update {{ cartwise._pending_relation() }} set status = '{{ status }}'
            {%- endif %}
where node_id in ({{ cartwise._literals(nodes) }});
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{% macro spark__end_build(results) %}
{% endmacro %}

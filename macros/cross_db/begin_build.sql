{% macro begin_build() %}
    {{- return(adapter.dispatch('begin_build', 'cartwise')()) -}}
{% endmacro %}

{% macro default__begin_build() %}
    {#- Lists what is about to be built or tested in the table cartwise_pending, and so that nothing
        is published meanwhile, or after a build that was cut short. A table that is built anew has
        to be tested anew. -#}
    {%- if execute and flags.WHICH in cartwise._commands_that_build() -%}
        {%- set pending = cartwise._pending_nodes() %}
create schema if not exists {{ target.schema }};
create table if not exists {{ cartwise._pending_relation() }} (node_id varchar, status varchar);
delete from {{ cartwise._pending_relation() }}
where node_id not in ({{ cartwise._literals(graph.nodes.keys() | list) }})
    {%- if pending %}
    or node_id in ({{ cartwise._literals(pending) }});
insert into {{ cartwise._pending_relation() }}
select unnest([{{ cartwise._literals(pending) }}]), 'unfinished'
    {%- endif -%}
;
    {%- endif -%}
{% endmacro %}

{% macro spark__begin_build() %}
    {#- A cluster's tables are published by its catalogue. -#}
{% endmacro %}

{% macro _commands_that_build() %}
    {{- return(['build', 'run', 'seed', 'test', 'retry']) -}}
{% endmacro %}

{% macro _pending_relation() %}
    {{- return(api.Relation.create(
        database=target.database, schema=target.schema, identifier='cartwise_pending'
    )) -}}
{% endmacro %}

{% macro _pending_nodes() %}
    {#- What of cartwise is selected, and every test of it. -#}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values() -%}
        {%- set of_cartwise = [node.unique_id] if node.package_name == 'cartwise' else [] -%}
        {%- if node.resource_type == 'test' -%}
            {%- for tested in node.depends_on.nodes if tested.split('.')[1] == 'cartwise' -%}
                {%- do of_cartwise.append(tested) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if of_cartwise and (node.unique_id in selected_resources
            or of_cartwise | select('in', selected_resources) | list) -%}
            {%- do nodes.append(node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(nodes) -}}
{% endmacro %}

{% macro _literals(texts) %}
    {%- set literals = [] -%}
    {%- for text in texts -%}
        {%- do literals.append(dbt.string_literal(dbt.escape_single_quotes(text))) -%}
    {%- endfor -%}
    {{- return(literals | join(', ')) -}}
{% endmacro %}

{% macro restrict_files() %}
    {{- return(adapter.dispatch('restrict_files', 'cartwise')()) -}}
{% endmacro %}

{% macro default__restrict_files() %}
    {#- Where cartwise is the project itself, SQL may read seeds and the folder data_path and no other
        file, and has no network. A project that installs it decides for itself. -#}
    {%- if execute and project_name == 'cartwise' -%}
        {%- set folders = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'seed') | map(attribute='root_path') | list -%}
        {%- if var('data_path') -%}
            {%- do folders.append(var('data_path') | string) -%}
        {%- endif -%}
set allowed_directories = [{{ cartwise._literals(folders | unique) }}];
set enable_external_access = false;
    {%- endif -%}
{% endmacro %}

{% macro spark__restrict_files() %}
    {#- What a cluster may read is its administrator's to say. -#}
{% endmacro %}

{% macro restrict_files() %}
    {{- return(adapter.dispatch('restrict_files', 'cartwise')()) -}}
{% endmacro %}

{% macro default__restrict_files() %}
    {#- Where cartwise is the project itself, SQL may read seeds and the folder data_path and no other
        file, and has no network. A project that installs it decides for itself. -#}
    {%- if execute and project_name == 'cartwise' -%}
        {%- set folders = [] -%}
        {%- for seed in graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') -%}
            {%- do folders.append(seed.root_path ~ '/' ~ seed.original_file_path.split('/')[0]) -%}
        {%- endfor -%}
        {%- if var('data_path') -%}
            {%- do folders.extend([var('data_path'), cartwise._path_pattern(var('data_path'))]) -%}
        {%- endif -%}
set allowed_directories = [{{ cartwise._literals(folders | unique) }}];
set enable_external_access = false;
    {%- endif -%}
{% endmacro %}

{% macro spark__restrict_files() %}
    {#- What a cluster may read is its administrator's to say. -#}
{% endmacro %}

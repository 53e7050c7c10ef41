{% macro package_version() %}
    {#- The version of cartwise that builds, as in dbt_project.yml, which Jinja cannot read. -#}
    {{- return('0.1.0') -}}
{% endmacro %}

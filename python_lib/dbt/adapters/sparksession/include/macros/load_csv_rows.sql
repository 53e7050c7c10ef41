{% macro sparksession__load_csv_rows(model, agate_table) %}
    {%- set overrides = model['config'].get('column_types', {}) -%}
    {%- set types = {} -%}
    {%- for name in agate_table.column_names -%}
        {%- do types.update(
            {name: overrides.get(name, adapter.convert_type(agate_table, loop.index0))}
        ) -%}
    {%- endfor -%}
    {%- do adapter.insert_seed_rows(this, agate_table, types) -%}
    {{- return('-- rows of ' ~ this ~ ' are inserted as data') -}}
{% endmacro %}

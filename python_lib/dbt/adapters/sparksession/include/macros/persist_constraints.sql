{% macro sparksession__persist_constraints(relation, model) %}
    {#- Parquet tables cannot enforce a contract's not_null, so it is checked once the table is
        written; formats that can enforce it are left to dbt-spark. -#}
    {%- if config.get('contract').enforced -%}
        {%- if config.get('file_format', 'parquet') == 'delta' -%}
            {{- return(spark__persist_constraints(relation, model)) -}}
        {%- endif -%}
        {%- set names = [] -%}
        {%- for column in model.columns.values() -%}
            {%- if 'not_null' in column.constraints | map(attribute='type') | list -%}
                {%- do names.append(column.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set query -%}
            select {% for name in names -%}
                count(*) - count(`{{ name }}`){{ ', ' if not loop.last }}
            {%- endfor %}
            from {{ relation }}
        {%- endset -%}
        {%- for name, count_nulls in zip(names, run_query(query).rows[0] if names else []) -%}
            {%- if count_nulls > 0 -%}
                {{- exceptions.raise_compiler_error(
                    relation ~ ": " ~ count_nulls ~ " row(s) are null in " ~ name
                    ~ ", which the contract declares not_null."
                ) -}}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

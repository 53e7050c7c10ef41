{% macro explain_failures(results) %}
    {#- Where the engine could not open an input at all, dbt shows what it says; this adds which input
        that is and what to do. -#}
    {%- if execute -%}
        {%- for result in results
            if result.status == 'error' and result.node.package_name == 'cartwise'
            and result.node.name.startswith('stg_cartwise__')
            and 'cartwise input' not in (result.message or '') -%}
            {%- do log(
                "cartwise input `" ~ result.node.name | replace('stg_cartwise__', '')
                ~ "` cannot be read; the reason is listed below. A file must be whole and readable by"
                ~ " this user, and in CSV all lines must end alike. Write it anew, as Parquet or as CSV"
                ~ " in UTF-8.",
                info=true
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

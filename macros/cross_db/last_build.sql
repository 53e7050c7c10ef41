{% macro last_build(columns) %}
    {#- The table that the model left in the last build, if it can be read while the new one is
        written and has these columns; else none. A model that takes unchanged rows from it must give
        the same table without it. -#}
    {{- return(adapter.dispatch('last_build', 'cartwise')(columns)) -}}
{% endmacro %}

{% macro default__last_build(columns) %}
    {%- set relation = load_relation(this) if execute and not flags.FULL_REFRESH else none -%}
    {%- if relation -%}
        {%- set found = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- if columns | reject('in', found) | list -%}
            {{- return(none) -}}
        {%- endif -%}
    {%- endif -%}
    {{- return(relation) -}}
{% endmacro %}

{% macro spark__last_build(columns) %}
    {#- A table of files is dropped before it is written anew. -#}
    {{- return(none) -}}
{% endmacro %}

{% macro input_select(input) %}
    {#- Selects the columns of an input's contract, each cleaned and cast to its declared type.
        The contract is the staging model's own YAML: `data_type`, and in `config.meta` `required`,
        `unique`, `minimum` and `maximum`. An absent column is a typed null, an absent input an
        empty relation. A value that cannot be read as its type, or lies outside its range, becomes
        null and its column's name is listed in `unusable_columns`, so that nothing is lost
        silently. -#}
    {%- set relation = cartwise.input_relation(input) -%}
    {%- set present = cartwise.input_columns(relation) -%}
    {%- set readable = [] %}
    select
        {%- for column in model.columns.values() if column.name != 'unusable_columns' %}
        {%- set source = present.get(column.name) %}
        {%- if source %}
        {%- do readable.append((column.name, cartwise._input_value(column, source), source)) %}
        {{ readable[-1][1] }} as {{ column.name }},
        {%- else %}
        cast(null as {{ column.data_type }}) as {{ column.name }},
        {%- endif %}
        {%- endfor %}
        nullif({{ cartwise._unusable_columns(readable) }}, '') as unusable_columns
    from {% if present %}{{ relation }}{% else %}(select 1 as no_input) as absent where 1 = 0{% endif %}
{% endmacro %}

{% macro _input_value(column, source) %}
    {%- set name = adapter.quote(source.name) -%}
    {%- set data_type = column.data_type | lower -%}
    {%- set meta = column.config.meta -%}
    {%- if cartwise._is_text(data_type) -%}
        {%- set value = "nullif(trim(" ~ cartwise._as_text(name, source.dtype) ~ "), '')" -%}
    {%- elif data_type == 'timestamp' -%}
        {%- set value = cartwise.to_utc_timestamp(name, source.dtype) -%}
    {%- elif data_type == 'date' -%}
        {%- set value = "cast(" ~ cartwise.to_utc_timestamp(name, source.dtype) ~ " as date)" -%}
    {%- else -%}
        {%- set given = "trim(" ~ name ~ ")" if cartwise._is_text(source.dtype | lower) else name -%}
        {%- if data_type == 'integer' -%}
            {#- engines and input types round 4.5 differently; half goes up everywhere here -#}
            {%- set value = cartwise.try_cast(
                "floor(" ~ cartwise.try_cast(given, 'double') ~ " + 0.5)", 'integer'
            ) -%}
        {%- else -%}
            {%- set value = cartwise.try_cast(given, column.data_type) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if meta.minimum is defined -%}
        {%- set quote = "'" if data_type in ('timestamp', 'date') else "" -%}
        {%- set value -%}
case when {{ value }} between {{ quote }}{{ meta.minimum }}{{ quote }} and {{ quote }}{{ meta.maximum }}{{ quote }} then {{ value }} end
        {%- endset -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}

{% macro _as_text(name, data_type) %}
    {#- Whole keys arrive as 17850.0 when pandas held them beside a missing one. -#}
    {%- set text = "cast(" ~ name ~ " as " ~ dbt.type_string() ~ ")" -%}
    {%- if data_type | lower in ('double', 'float', 'real') -%}
        {%- set whole = cartwise.try_cast(name, 'bigint') -%}
        {{- return(
            "case when " ~ whole ~ " = " ~ name ~ " then cast(" ~ whole ~ " as " ~ dbt.type_string()
            ~ ") else " ~ text ~ " end"
        ) -}}
    {%- endif -%}
    {{- return(text) -}}
{% endmacro %}

{% macro _unusable_columns(readable) %}
    {#- A list in text form, ' rating discount_amount': empty where every value could be read. -#}
    {%- set parts = ["''"] -%}
    {%- for name, value, source in readable -%}
        {%- if not cartwise._is_text(model.columns[name].data_type | lower) -%}
            {%- do parts.append(
                "case when " ~ cartwise._is_given(source) ~ " and " ~ value
                ~ " is null then ' " ~ name ~ "' else '' end"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(parts | join(" || ")) -}}
{% endmacro %}

{% macro _is_given(source) %}
    {%- set name = adapter.quote(source.name) -%}
    {%- if cartwise._is_text(source.dtype | lower) -%}
        {{- return("coalesce(trim(" ~ name ~ "), '') <> ''") -}}
    {%- endif -%}
    {{- return(name ~ " is not null") -}}
{% endmacro %}

{% macro _is_text(data_type) %}
    {{- return(data_type.startswith('varchar') or data_type in ('text', 'string')) -}}
{% endmacro %}

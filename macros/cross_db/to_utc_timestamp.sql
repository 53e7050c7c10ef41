{% macro to_utc_timestamp(expression, data_type) %}
    {#- A UTC timestamp without time zone from text, a date or a timestamp; null where it cannot be
        read. Text with an offset is shifted to UTC, text without one is taken to be UTC. -#}
    {{- return(adapter.dispatch('to_utc_timestamp', 'cartwise')(expression, data_type)) -}}
{% endmacro %}

{% macro default__to_utc_timestamp(expression, data_type) %}
    {%- set data_type = data_type | lower -%}
    {%- if 'time zone' in data_type or data_type == 'timestamptz' -%}
        {{- return("(" ~ expression ~ " at time zone 'UTC')") -}}
    {%- elif cartwise._is_text(data_type) -%}
        {#- DuckDB drops whatever follows the time when it casts text to a timestamp without time
            zone: an offset, a zone's name, even PM. With time zone it reads or refuses it. -#}
        {%- set text = "trim(" ~ expression ~ ")" -%}
        {{- return(
            "case when regexp_matches(" ~ text ~ ", ':[0-9.:]+ *[^0-9.: ]') then "
            ~ "try_cast(" ~ text ~ " as timestamptz) at time zone 'UTC' "
            ~ "else try_cast(" ~ text ~ " as timestamp) end"
        ) -}}
    {%- endif -%}
    {{- return("try_cast(" ~ expression ~ " as timestamp)") -}}
{% endmacro %}

{% macro spark__to_utc_timestamp(expression, data_type) %}
    {#- The session's time zone is UTC, and Spark's cast of text honours an offset. -#}
    {{- return("try_cast(" ~ expression ~ " as timestamp)") -}}
{% endmacro %}

{% macro hash_share(text) %}
    {#- A number in [0, 1) that depends on the text alone, spread evenly over texts: customers below
        a share are a stable sample. -#}
    {{- return(adapter.dispatch('hash_share', 'cartwise')(text)) -}}
{% endmacro %}

{% macro default__hash_share(text) %}
    {{- return("cast('0x' || left(md5(" ~ text ~ "), 8) as bigint) / cast(4294967296 as double)") -}}
{% endmacro %}

{% macro spark__hash_share(text) %}
    {{- return(
        "cast(conv(left(md5(" ~ text ~ "), 8), 16, 10) as bigint) / cast(4294967296 as double)"
    ) -}}
{% endmacro %}

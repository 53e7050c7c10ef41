{% macro has_pattern(text, pattern) %}
    {#- Whether a regular expression, written as for replace_pattern, matches somewhere in a text. -#}
    {{- return(adapter.dispatch('has_pattern', 'cartwise')(text, pattern)) -}}
{% endmacro %}

{% macro default__has_pattern(text, pattern) %}
    {{- return("regexp_matches(" ~ text ~ ", '" ~ pattern ~ "')") -}}
{% endmacro %}

{% macro spark__has_pattern(text, pattern) %}
    {{- return(text ~ " rlike " ~ cartwise._java_pattern(pattern)) -}}
{% endmacro %}

{% macro replace_pattern(text, pattern, replacement) %}
    {#- Every match of a regular expression replaced; \0 in the replacement is the match. The pattern
        is written as RE2 reads it, with scripts as \p{Han}. -#}
    {{- return(adapter.dispatch('replace_pattern', 'cartwise')(text, pattern, replacement)) -}}
{% endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) %}
    {{- return(
        "regexp_replace(" ~ text ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')"
    ) -}}
{% endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) %}
    {{- return(
        "regexp_replace(" ~ text ~ ", " ~ cartwise._java_pattern(pattern) ~ ", r'"
        ~ replacement | replace('\\0', '$0') ~ "')"
    ) -}}
{% endmacro %}

{% macro _java_pattern(pattern) %}
    {#- Java calls the script Han IsHan. A raw literal, since Spark unescapes the others. -#}
    {{- return(
        "r'" ~ modules.re.sub('\\\\p\\{([A-Z][a-z]{2,})\\}', '\\\\p{Is\\1}', pattern) ~ "'"
    ) -}}
{% endmacro %}

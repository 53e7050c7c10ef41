{% macro word_list(words) %}
    {#- ('paid', 'shipped'): a var's list of words, in lower case, for an SQL `in`. -#}
    {%- if not words -%}
        {{- return("(null)") -}}
    {%- endif -%}
    {{- return("('" ~ words | map('lower') | join("', '") ~ "')") -}}
{% endmacro %}

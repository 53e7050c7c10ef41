{% macro word_list(words) %}
    {#- ('paid', 'shipped'): a var's list of words, in lower case, for an SQL `in`. An empty list is
        the empty text, which no cleaned value equals: `in (null)` would be neither true nor false. -#}
    {{- return("('" ~ words | map('lower') | join("', '") ~ "')") -}}
{% endmacro %}

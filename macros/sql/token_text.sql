{% macro token_text(text) %}
    {#- The tokens of a text, one space between them; null when there are none. A token is a word of
        letters, marks, digits and _, or one character of a script that is written without spaces,
        or one emoji. HTML tags and entities are no text. Two letters are replaced whose lower case
        differs between engines: the dotted capital I and the final sigma. -#}
    {%- set single = '[\\p{Han}\\p{Hiragana}\\p{Katakana}\\p{Thai}\\p{Lao}\\p{Khmer}\\p{Myanmar}\\p{So}]' -%}
    {%- set plain = cartwise.replace_pattern(
        text, '</?[a-zA-Z][^<>]*>|&#?[0-9a-zA-Z]{1,10};', ' '
    ) -%}
    {%- set lowered = "translate(lower(translate(" ~ plain ~ ", 'İ', 'i')), 'ς', 'σ')" -%}
    {%- set parted = cartwise.replace_pattern(lowered, single, ' \\0 ') -%}
    {{- return(
        "nullif(trim(" ~ cartwise.replace_pattern(parted, '[^\\p{L}\\p{M}\\p{N}_\\p{So}]+', ' ')
        ~ "), '')"
    ) -}}
{% endmacro %}

{% macro mask_contacts(text) %}
    {#- A text without the e-mail addresses and the long numbers (telephone, card, tax number) that
        people write into reviews. -#}
    {{- return(cartwise.replace_pattern(
        cartwise.replace_pattern(text, '[\\w.+-]+@[\\w-]+[.][\\w.-]+', '[e-mail]'),
        '[+]?[0-9][0-9 ()/.-]{6,}[0-9]',
        '[number]'
    )) -}}
{% endmacro %}

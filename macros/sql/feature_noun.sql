{% macro feature_noun(feature) -%}
    {#- The words for a feature whose name stands in a column. -#}
    case {{ feature }}
        {%- for name, reading in cartwise.customer_features().items() %}
        when '{{ name }}' then '{{ reading.noun }}'
        {%- endfor %}
    end
{%- endmacro %}

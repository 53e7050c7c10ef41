{% macro contribution(feature, weights='weights') -%}
    {#- What a customer's feature adds to a linear score, against a customer with the usual value;
        nothing, if the value or the weight is not known. -#}
    coalesce(
        ({{ cartwise.feature_value(feature, 'customers') }} - {{ weights }}.center_{{ feature }})
        * {{ weights }}.weight_{{ feature }}, 0
    )
{%- endmacro %}

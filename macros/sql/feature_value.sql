{% macro feature_value(feature, relation=none) -%}
    {#- A feature as the models see it, from its column in feat_cartwise__customers. -#}
    {%- set column = relation ~ '.' ~ feature if relation else feature -%}
    {%- set scale = cartwise.customer_features()[feature].scale -%}
    {%- if scale == 'log' -%}
        {#- null stays null, which greatest alone would make a zero #}
        case when {{ column }} is not null then ln(1 + greatest(cast({{ column }} as double), 0)) end
    {%- elif scale == 'flag' -%}
        cast(case {{ column }} when true then 1 when false then 0 end as double)
    {%- else -%}
        cast({{ column }} as double)
    {%- endif -%}
{%- endmacro %}

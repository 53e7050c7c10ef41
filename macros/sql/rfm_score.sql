{% macro rfm_score(measure, rises=true) -%}
    {#- 1 to 5 by the number of cut points that a value exceeds, or 5 to 1 when more is worse: equal
        values always have equal scores. -#}
    {{ 1 if rises else 5 }}
    {%- for place in range(1, 5) %}
    {{ '+' if rises else '-' }} case when {{ measure }} > {{ measure }}_{{ place }} then 1 else 0 end
    {%- endfor %}
{%- endmacro %}

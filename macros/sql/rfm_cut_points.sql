{% macro rfm_cut_points() -%}
    {#- The cut points of feat_cartwise__rfm_cut_points as columns of one row, each with a comma. -#}
    {%- for measure in ['recency_days', 'count_orders', 'total_net_amount'] -%}
        {%- for place in range(1, 5) -%}
            max(case when measure = '{{ measure }}' and place = {{ place }} then cut_point end)
            as {{ measure }}_{{ place }},
        {% endfor -%}
    {%- endfor -%}
{%- endmacro %}

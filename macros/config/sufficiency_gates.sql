{% macro sufficiency_gates(with_var=true) %}
    {#- Gate -> least (for max_feature_auc: most) value, with the var's changes. The first four and
        the 100 customers on either side are what Klaviyo and Segment publish for their predictions. -#}
    {%- set gates = {
        'buyers': 500,
        'history_days': 180,
        'recent_orders': 1,
        'loyal_customers': 1,
        'positives': 100,
        'negatives': 100,
        'max_feature_auc': 0.98,
        'rated_texts': 200,
        'negative_texts': 30,
        'positive_texts': 30,
        'topics': 2,
        'next_baskets': 100,
    } -%}
    {%- if with_var -%}
        {%- do gates.update(var('sufficiency_gates')) -%}
    {%- endif -%}
    {{- return(gates) -}}
{% endmacro %}

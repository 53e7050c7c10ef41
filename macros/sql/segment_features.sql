{% macro segment_features() %}
    {#- The features that k-means looks at, of those in customer_features. -#}
    {{- return(['recency_days', 'count_orders', 'total_net_amount', 'discount_share']) -}}
{% endmacro %}

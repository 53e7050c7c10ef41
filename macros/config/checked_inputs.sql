{% macro checked_inputs() %}
    {#- Input -> the model that holds its rows as received. -#}
    {{- return({
        'orders': ref('cartwise', 'int_cartwise__orders_checked'),
        'order_lines': ref('cartwise', 'int_cartwise__order_lines_checked'),
        'refunds': ref('cartwise', 'int_cartwise__refunds_checked'),
        'customers': ref('cartwise', 'stg_cartwise__customers'),
        'products': ref('cartwise', 'stg_cartwise__products'),
        'reviews': ref('cartwise', 'int_cartwise__reviews_checked'),
        'events': ref('cartwise', 'int_cartwise__events_checked'),
    }) -}}
{% endmacro %}

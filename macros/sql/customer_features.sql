{% macro customer_features() %}
    {#- Feature of feat_cartwise__customers -> how the models see it (`log` of one plus the value,
        or the value as it `is`), and how people read it (a noun and a unit). The one list that
        training, scoring and the reasons share. -#}
    {{- return({
        'recency_days': {'scale': 'log', 'noun': 'days since the last order', 'unit': 'number'},
        'tenure_days': {'scale': 'log', 'noun': 'days since the first order', 'unit': 'number'},
        'count_orders': {'scale': 'log', 'noun': 'number of orders', 'unit': 'number'},
        'total_net_amount': {'scale': 'log', 'noun': 'money spent so far', 'unit': 'money'},
        'shrunk_order_value': {'scale': 'log', 'noun': 'usual order value', 'unit': 'money'},
        'average_gap_days': {'scale': 'log', 'noun': 'usual days between orders', 'unit': 'number'},
        'sd_gap_days': {'scale': 'log', 'noun': 'spread of the days between orders', 'unit': 'number'},
        'last_gap_days': {'scale': 'log', 'noun': 'days between the last two orders', 'unit': 'number'},
        'overdue_ratio': {'scale': 'log', 'noun': 'wait as a multiple of the usual gap', 'unit': 'ratio'},
        'count_recent_orders': {'scale': 'log', 'noun': 'number of recent orders', 'unit': 'number'},
        'order_trend': {'scale': 'is', 'noun': 'trend of orders', 'unit': 'ratio'},
        'average_basket_size': {'scale': 'log', 'noun': 'products per order', 'unit': 'ratio'},
        'count_categories': {'scale': 'log', 'noun': 'number of categories bought', 'unit': 'number'},
        'discount_share': {'scale': 'is', 'noun': 'share of discounts', 'unit': 'share'},
        'return_share': {'scale': 'is', 'noun': 'share sent back', 'unit': 'share'},
        'count_reviews': {'scale': 'log', 'noun': 'number of reviews', 'unit': 'number'},
        'average_rating': {'scale': 'is', 'noun': 'average rating given', 'unit': 'ratio'},
        'count_recent_visits': {'scale': 'log', 'noun': 'number of recent visits', 'unit': 'number'},
        'days_since_last_visit': {'scale': 'log', 'noun': 'days since the last visit', 'unit': 'number'},
        'age_years': {'scale': 'is', 'noun': 'age in years', 'unit': 'number'},
        'is_female': {'scale': 'flag', 'noun': 'gender is female', 'unit': 'share'},
        'is_home_country': {'scale': 'flag', 'noun': 'lives in the main country', 'unit': 'share'},
    }) -}}
{% endmacro %}

{% macro blend_features() %}
    {#- Strategy -> its measures. Features are columns strategy__measure of
        score_cartwise__candidates, zero where the strategy does not propose the product. -#}
    {{- return({
        'buy_again': [
            'is_bought', 'baskets', 'recency', 'later_baskets', 'all_baskets', 'popularity'
        ],
        'replenishment': ['dueness'],
        'also_bought': ['score'],
        'bought_next': ['score'],
        'viewed': ['recency'],
        'viewed_together': ['score'],
        'similar': ['score'],
        'segment': ['share'],
        'popular': ['share'],
    }) -}}
{% endmacro %}

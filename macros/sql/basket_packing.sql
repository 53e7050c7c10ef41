{% macro basket_packing() %}
    {#- An occurrence is basket_number * this + item_code; cartwise.baskets.frequent_itemsets unpacks
        it by the same factor. 2^24 leaves room for 16 M products; the miner takes
        up to 2^31 baskets. -#}
    {{- return(16777216) -}}
{% endmacro %}

{% macro customer_activity(given) -%}
    {#- The measures of feat_cartwise__customer_days as a column list: for one kind of activity,
        what it says of a day, by measure, and zero for the others; without it, the sum of all
        kinds. -#}
    {%- set money = cartwise.type_money() -%}
    {%- set measures = {
        'count_orders': 'bigint',
        'count_basket_products': 'bigint',
        'gross_amount': money,
        'discount_amount': money,
        'returned_amount': money,
        'sold_amount': money,
        'refund_amount': money,
        'count_new_categories': 'bigint',
        'count_reviews': 'bigint',
        'count_ratings': 'bigint',
        'total_rating': 'bigint',
        'count_visits': 'bigint',
    } -%}
    {%- for name, type in measures.items() -%}
        {%- set value = given.get(name, '0') if given else 'sum(' ~ name ~ ')' -%}
        cast({{ value }} as {{ type }}) as {{ name }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

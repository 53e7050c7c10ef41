{% test unique_combination(model, columns) %}
    {#- The columns together are a key: no combination stands twice. -#}
    select
        {{ columns | join(', ') }},
        count(*) as count_rows

    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

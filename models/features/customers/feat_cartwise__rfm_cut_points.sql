{%- set measures = ['recency_days', 'count_orders', 'total_net_amount'] -%}

with

customers as (

    select
        customers.recency_days,
        customers.count_orders,
        customers.total_net_amount

    from {{ ref('cartwise', 'feat_cartwise__customers') }} as customers
    inner join {{ ref('cartwise', 'int_cartwise__cutoffs') }} as cutoffs
        on customers.cutoff_date = cutoffs.cutoff_date
    where cutoffs.is_score_date

),

quintiles as (

    select
        {%- for measure in measures %}
        {%- for place in range(1, 5) %}
        cast(
            percentile_disc({{ place / 5 }}) within group (order by {{ measure }}) as double
        ) as {{ measure }}_{{ place }},
        {%- endfor %}
        {%- endfor %}
        count(*) as count_customers

    from customers

)

{% for measure in measures -%}
{%- set outer = loop -%}
{%- for place in range(1, 5) -%}
select
    '{{ measure }}' as measure,
    {{ place }} as place,
    {{ measure }}_{{ place }} as cut_point

from quintiles
where count_customers > 0
{% if not (loop.last and outer.last) %}union all
{% endif %}
{%- endfor %}
{%- endfor %}

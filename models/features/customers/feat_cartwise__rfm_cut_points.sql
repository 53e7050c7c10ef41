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

),

points as (

    select
        measure,
        first_point,
        second_point,
        third_point,
        fourth_point

    from quintiles
    unpivot (
        (first_point, second_point, third_point, fourth_point) for measure in (
            {%- for measure in measures %}
            ({{ measure }}_1, {{ measure }}_2, {{ measure }}_3, {{ measure }}_4) as {{ measure }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )
    where count_customers > 0

)

select
    measure,
    cast(replace(place, 'place_', '') as bigint) as place,
    cut_point

from points
unpivot (
    cut_point for place in (
        first_point as place_1,
        second_point as place_2,
        third_point as place_3,
        fourth_point as place_4
    )
)

{%- set features = cartwise.segment_features() -%}
{%- set clusters = range(1, var('segment_counts')[1] + 1) -%}

with

cutoffs as (

    select
        cutoff_date,
        is_score_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where
        is_score_date
        or is_previous_date

),

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

cut_points as (

    select
        {{ cartwise.rfm_cut_points() }}
        count(*) as count_points

    from {{ ref('cartwise', 'feat_cartwise__rfm_cut_points') }}

),

-- a run of the same day that had enough to learn from may have left its rows
learned_clusters as (

    select distinct cluster

    from {{ ref('cartwise', 'ml_cartwise__segment_centroids') }}

),

current_segments as (

    select
        segments.segment_id,
        segments.cluster,
        segments.feature,
        segments.centroid,
        segments.center,
        segments.scale

    from {{ ref('cartwise', 'score_cartwise__segments') }} as segments
    inner join {{ ref('cartwise', 'int_cartwise__as_of_date') }} as as_of_date
        on segments.as_of_date = as_of_date.as_of_date
    inner join learned_clusters on segments.cluster = learned_clusters.cluster

),

-- one row, without clusters when there is too little to learn from
centroids as (

    select
        {%- for feature in features %}
        max(case when feature = '{{ feature }}' then center end) as center_{{ feature }},
        max(case when feature = '{{ feature }}' then scale end) as scale_{{ feature }},
        {%- for cluster in clusters %}
        max(case when feature = '{{ feature }}' and cluster = {{ cluster }} then centroid end)
            as centroid_{{ cluster }}_{{ feature }},
        {%- endfor %}
        {%- endfor %}
        {%- for cluster in clusters %}
        max(case when cluster = {{ cluster }} then segment_id end) as segment_id_{{ cluster }},
        {%- endfor %}
        count(*) as count_centroids

    from current_segments

),

scaled as (

    select
        customers.customer_id,
        cutoffs.cutoff_date,
        cutoffs.is_score_date,
        customers.recency_days,
        customers.count_orders,
        customers.total_net_amount,
        {%- for feature in features %}
        ({{ cartwise.feature_value(feature, 'customers') }} - centroids.center_{{ feature }})
        / centroids.scale_{{ feature }} as scaled_{{ feature }},
        {%- endfor %}
        cut_points.*,
        centroids.*

    from customers
    inner join cutoffs on customers.cutoff_date = cutoffs.cutoff_date
    cross join cut_points
    cross join centroids

),

distances as (

    select
        *,
        {%- for cluster in clusters %}
        {%- for feature in features %}
        {{ '+ ' if not loop.first }}power(
            least(greatest(coalesce(scaled_{{ feature }}, 0.0), -3.0), 3.0)
            - centroid_{{ cluster }}_{{ feature }}, 2
        )
        {%- endfor %} as distance_{{ cluster }},
        {%- endfor %}
        {{ cartwise.rfm_score('recency_days', rises=false) }} as recency_score,
        {{ cartwise.rfm_score('count_orders') }} as frequency_score,
        {{ cartwise.rfm_score('total_net_amount') }} as monetary_score

    from scaled

),

nearest as (

    select
        *,
        least(
            {%- for cluster in clusters %}
            distance_{{ cluster }},
            {%- endfor %}
            null
        ) as nearest_distance

    from distances

),

assigned as (

    select
        *,
        case nearest_distance
            {%- for cluster in clusters %}
            when distance_{{ cluster }} then {{ cluster }}
            {%- endfor %}
        end as cluster

    from nearest

)

select
    customer_id,
    cutoff_date,
    is_score_date,
    cast(recency_score as bigint) as recency_score,
    cast(frequency_score as bigint) as frequency_score,
    cast(monetary_score as bigint) as monetary_score,
    -- half up: 1 and 2 give 2
    cast(floor((frequency_score + monetary_score + 1) / 2.0) as bigint) as value_score,
    case cluster
        {%- for cluster in clusters %}
        when {{ cluster }} then segment_id_{{ cluster }}
        {%- endfor %}
    end as segment_id,
    sqrt(nearest_distance) as distance,
    sqrt(
        least(
            {%- for cluster in clusters %}
            case when cluster <> {{ cluster }} then distance_{{ cluster }} end,
            {%- endfor %}
            null
        )
    ) as next_distance

from assigned

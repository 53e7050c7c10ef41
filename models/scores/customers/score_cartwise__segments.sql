with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

centroids as (

    select
        centroids.cluster,
        centroids.feature,
        centroids.centroid,
        centroids.center,
        centroids.scale,
        centroids.center + centroids.scale * centroids.centroid as feature_value,
        centroids.silhouette,
        as_of_date.as_of_date

    from {{ ref('cartwise', 'ml_cartwise__segment_centroids') }} as centroids
    cross join as_of_date

),

earlier_segments as (

    {% if is_incremental() -%}
    select
        segments.segment_id,
        segments.feature,
        segments.feature_value,
        segments.as_of_date

    from {{ this }} as segments
    inner join as_of_date on segments.as_of_date < as_of_date.as_of_date
    {%- else -%}
    select
        cast(null as bigint) as segment_id,
        feature,
        feature_value,
        as_of_date

    from centroids
    where 1 = 0
    {%- endif %}

),

last_runs as (

    select
        max(as_of_date) as as_of_date,
        coalesce(max(segment_id), 0) as highest_id

    from earlier_segments

),

last_segments as (

    select earlier_segments.*

    from earlier_segments
    inner join last_runs on earlier_segments.as_of_date = last_runs.as_of_date

),

distances as (

    select
        centroids.cluster,
        last_segments.segment_id,
        sum(
            power((centroids.feature_value - last_segments.feature_value) / centroids.scale, 2)
        ) as distance

    from centroids
    inner join last_segments on centroids.feature = last_segments.feature
    group by 1, 2

),

ranked as (

    select
        cluster,
        segment_id,
        row_number() over (partition by cluster order by distance, segment_id) as cluster_rank,
        row_number() over (partition by segment_id order by distance, cluster) as segment_rank

    from distances

),

-- a segment keeps its id when it and one of the last run are each other's nearest
matches as (

    select
        cluster,
        segment_id

    from ranked
    where
        cluster_rank = 1
        and segment_rank = 1

),

new_clusters as (

    select
        clusters.cluster,
        row_number() over (order by clusters.cluster) as place

    from (select distinct cluster from centroids) as clusters
    left join matches on clusters.cluster = matches.cluster
    where matches.cluster is null

),

segment_ids as (

    select
        cluster,
        cast(segment_id as bigint) as segment_id

    from matches

    union all

    select
        new_clusters.cluster,
        cast(new_clusters.place + last_runs.highest_id as bigint) as segment_id

    from new_clusters
    cross join last_runs

)

select
    segment_ids.segment_id,
    cast(centroids.cluster as bigint) as cluster,
    centroids.feature,
    centroids.centroid,
    centroids.center,
    centroids.scale,
    centroids.feature_value,
    centroids.silhouette,
    centroids.as_of_date

from centroids
inner join segment_ids on centroids.cluster = segment_ids.cluster

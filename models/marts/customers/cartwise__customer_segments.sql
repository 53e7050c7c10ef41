with

segments as (

    select * from {{ ref('cartwise', 'score_cartwise__customer_segments') }}
    where is_score_date

),

rfm_segments as (

    select * from {{ cartwise.lookup('rfm_segments') }}

),

profiles as (

    select
        segment_id,
        segment_name

    from {{ ref('cartwise', 'cartwise__segment_profiles') }}

)

select
    segments.customer_id,
    segments.recency_score,
    segments.frequency_score,
    segments.monetary_score,
    rfm_segments.rfm_segment,
    segments.segment_id,
    profiles.segment_name,
    segments.distance as segment_distance,
    segments.cutoff_date as as_of_date

from segments
left join rfm_segments
    on
        segments.recency_score = rfm_segments.recency_score
        and segments.value_score = rfm_segments.value_score
left join profiles on segments.segment_id = profiles.segment_id

with

segments as (

    select
        segments.*,
        rfm_segments.rfm_segment

    from {{ ref('cartwise', 'score_cartwise__customer_segments') }} as segments
    left join {{ cartwise.lookup('rfm_segments') }} as rfm_segments
        on
            segments.recency_score = rfm_segments.recency_score
            and segments.value_score = rfm_segments.value_score

),

profiles as (

    select
        segment_id,
        segment_name

    from {{ ref('cartwise', 'cartwise__segment_profiles') }}

),

cutoffs as (

    select
        max(case when is_score_date then cutoff_date end) as as_of_date,
        max(case when is_previous_date then cutoff_date end) as previous_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}

),

now_segments as (

    select * from segments
    where is_score_date

),

previous_segments as (

    select * from segments
    where not is_score_date

)

select
    now_segments.customer_id,
    previous_segments.customer_id is null as is_new_customer,
    previous_segments.segment_id as from_segment_id,
    from_profiles.segment_name as from_segment_name,
    now_segments.segment_id as to_segment_id,
    to_profiles.segment_name as to_segment_name,
    previous_segments.rfm_segment as from_rfm_segment,
    now_segments.rfm_segment as to_rfm_segment,
    cutoffs.previous_date,
    cutoffs.as_of_date

from now_segments
cross join cutoffs
left join previous_segments on now_segments.customer_id = previous_segments.customer_id
left join profiles as from_profiles on previous_segments.segment_id = from_profiles.segment_id
left join profiles as to_profiles on now_segments.segment_id = to_profiles.segment_id
where
    cutoffs.previous_date is not null
    and (
        previous_segments.customer_id is null
        or coalesce(previous_segments.segment_id, 0) <> coalesce(now_segments.segment_id, 0)
        or previous_segments.rfm_segment <> now_segments.rfm_segment
    )

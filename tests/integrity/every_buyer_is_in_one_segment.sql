-- Whoever has bought has one RFM cell, and one segment of those with a profile once any were
-- learned; nobody else has.
with

buyers as (

    select customer_id

    from {{ ref('cartwise', 'cartwise__customers') }}
    where count_orders > 0

),

segments as (

    select * from {{ ref('cartwise', 'cartwise__customer_segments') }}

),

profiles as (

    select segment_id

    from {{ ref('cartwise', 'cartwise__segment_profiles') }}

),

segment_counts as (

    select
        segments.customer_id,
        count(*) as count_rows,
        sum(
            case
                when
                    segments.recency_score between 1 and 5
                    and segments.frequency_score between 1 and 5
                    and segments.monetary_score between 1 and 5
                    then 1
                else 0
            end
        ) as count_cells,
        count(profiles.segment_id) as count_segments

    from segments
    left join profiles on segments.segment_id = profiles.segment_id
    group by 1

),

learned as (

    select case when count(*) > 0 then 1 else 0 end as count_segments

    from {{ ref('cartwise', 'score_cartwise__segments') }} as learned_segments
    inner join {{ ref('cartwise', 'int_cartwise__as_of_date') }} as as_of_date
        on learned_segments.as_of_date = as_of_date.as_of_date

)

select
    buyers.customer_id as buyer_id,
    segment_counts.customer_id,
    segment_counts.count_rows,
    segment_counts.count_cells,
    segment_counts.count_segments

from buyers
full outer join segment_counts on buyers.customer_id = segment_counts.customer_id
cross join learned
where
    buyers.customer_id is null
    or segment_counts.customer_id is null
    or segment_counts.count_rows <> 1
    or segment_counts.count_cells <> 1
    or segment_counts.count_segments <> learned.count_segments

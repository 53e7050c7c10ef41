with

customers as (

    select
        cutoff_number,
        cutoff_date,
        customer_number,
        customer_id

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

),

shoppers as (

    select
        customer_number,
        country

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

rfm_segments as (

    select
        segments.customer_id,
        segments.cutoff_date,
        rfm_segments.rfm_segment

    from {{ ref('cartwise', 'score_cartwise__customer_segments') }} as segments
    inner join {{ cartwise.lookup('rfm_segments') }} as rfm_segments
        on
            segments.recency_score = rfm_segments.recency_score
            and segments.value_score = rfm_segments.value_score

)

-- the segment that a customer was in at the date; whoever had not bought yet has a country only
select
    customers.cutoff_number,
    customers.customer_number,
    case when rfm_segments.rfm_segment is null then 'country' else 'rfm' end as segment_type,
    coalesce(rfm_segments.rfm_segment, shoppers.country) as segment,
    shoppers.country

from customers
inner join shoppers on customers.customer_number = shoppers.customer_number
left join rfm_segments
    on
        customers.customer_id = rfm_segments.customer_id
        and customers.cutoff_date = rfm_segments.cutoff_date
where coalesce(rfm_segments.rfm_segment, shoppers.country) is not null

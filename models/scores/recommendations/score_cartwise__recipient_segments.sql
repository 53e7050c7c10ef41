with

cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

shoppers as (

    select
        customer_number,
        customer_id,
        country

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

buyers as (

    select
        customer_id,
        cutoff_date,
        recency_days,
        count_orders,
        total_net_amount

    from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

-- fifths of the buyers at each date: today's would know the future of the earlier ones
cut_points as (

    select
        cutoff_date,
        {%- for measure in ['recency_days', 'count_orders', 'total_net_amount'] %}
        {%- for place in range(1, 5) %}
        percentile_disc({{ place / 5 }}) within group (order by {{ measure }})
            as {{ measure }}_{{ place }},
        {%- endfor %}
        {%- endfor %}
        count(*) as count_buyers

    from buyers
    group by 1

),

rfm_scores as (

    select
        buyers.customer_id,
        buyers.cutoff_date,
        {{ cartwise.rfm_score('recency_days', rises=false) }} as recency_score,
        {{ cartwise.rfm_score('count_orders') }} as frequency_score,
        {{ cartwise.rfm_score('total_net_amount') }} as monetary_score

    from buyers
    inner join cut_points on buyers.cutoff_date = cut_points.cutoff_date

),

rfm_segments as (

    select
        rfm_scores.customer_id,
        rfm_scores.cutoff_date,
        names.rfm_segment

    from rfm_scores
    inner join {{ cartwise.lookup('rfm_segments') }} as names
        on
            rfm_scores.recency_score = names.recency_score
            -- half up: 1 and 2 give 2
            and floor((rfm_scores.frequency_score + rfm_scores.monetary_score + 1) / 2.0)
            = names.value_score

),

-- all buyers at the date, whether they came back or not, and those who get a list without having
-- bought
recipients as (

    select
        cutoff_number,
        customer_id

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

    union

    select
        cutoffs.cutoff_number,
        rfm_segments.customer_id

    from rfm_segments
    inner join cutoffs on rfm_segments.cutoff_date = cutoffs.cutoff_date

)

select
    cutoffs.cutoff_number,
    cutoffs.cutoff_date,
    shoppers.customer_number,
    case when rfm_segments.rfm_segment is null then 'country' else 'rfm' end as segment_type,
    coalesce(rfm_segments.rfm_segment, shoppers.country) as segment,
    shoppers.country

from recipients
inner join cutoffs on recipients.cutoff_number = cutoffs.cutoff_number
inner join shoppers on recipients.customer_id = shoppers.customer_id
left join rfm_segments
    on
        recipients.customer_id = rfm_segments.customer_id
        and cutoffs.cutoff_date = rfm_segments.cutoff_date
where coalesce(rfm_segments.rfm_segment, shoppers.country) is not null

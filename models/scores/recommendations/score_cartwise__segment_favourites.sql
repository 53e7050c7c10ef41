with

recipient_segments as (

    select * from {{ ref('cartwise', 'score_cartwise__recipient_segments') }}

),

-- a buyer stands for an RFM segment and for a country
members as (

    select
        cutoff_number,
        customer_number,
        segment_type,
        segment

    from recipient_segments
    where segment_type = 'rfm'

    union all

    select
        cutoff_number,
        customer_number,
        'country' as segment_type,
        country as segment

    from recipient_segments
    where country is not null

),

product_histories as (

    select * from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where recency_days < {{ 2 * var('churn_horizon_days') }}

),

products as (

    select product_number

    from {{ ref('cartwise', 'feat_cartwise__products') }}
    where is_offered

),

counts as (

    select
        members.cutoff_number,
        members.segment_type,
        members.segment,
        product_histories.product_number,
        count(*) as count_buyers

    from members
    inner join product_histories
        on
            members.cutoff_number = product_histories.cutoff_number
            and members.customer_number = product_histories.customer_number
    inner join products on product_histories.product_number = products.product_number
    group by 1, 2, 3, 4

),

placed as (

    select
        *,
        count_buyers / cast(
            sum(count_buyers) over (partition by cutoff_number, segment_type, segment) as double
        ) as buyer_share,
        row_number() over (
            partition by cutoff_number, segment_type, segment
            order by count_buyers desc, product_number asc
        ) as place

    from counts

)

select
    cutoff_number,
    segment_type,
    segment,
    product_number,
    count_buyers,
    buyer_share,
    place

from placed
where place <= 30

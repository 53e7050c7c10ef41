with

recipient_segments as (

    select * from {{ ref('cartwise', 'score_cartwise__recipient_segments') }}

),

-- a buyer stands for an RFM segment and for a country
members as (

    select
        cutoff_number,
        cutoff_date,
        customer_number,
        segment_type,
        segment

    from recipient_segments
    where segment_type = 'rfm'

    union all

    select
        cutoff_number,
        cutoff_date,
        customer_number,
        'country' as segment_type,
        country as segment

    from recipient_segments
    where country is not null

),

purchase_days as (

    select
        customer_number,
        product_number,
        order_date

    from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

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
        purchase_days.product_number,
        count(distinct members.customer_number) as count_buyers

    from members
    inner join purchase_days
        on
            members.customer_number = purchase_days.customer_number
            and members.cutoff_date >= purchase_days.order_date
    inner join products on purchase_days.product_number = products.product_number
    where
        {{ cartwise.days_between('purchase_days.order_date', 'members.cutoff_date') }}
        < {{ 2 * var('churn_horizon_days') }}
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

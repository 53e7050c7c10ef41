with

scores as (

    select
        *,
        recency_days / greatest(expected_gap_days, 1.0) as elapsed_ratio

    from {{ ref('cartwise', 'score_cartwise__replenishment') }}
    where role = 'score'

),

products as (

    select
        product_number,
        product_id,
        product_name,
        is_offered

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

shoppers as (

    select
        customer_number,
        customer_id,
        accepts_marketing

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

)

select
    shoppers.customer_id,
    products.product_id,
    products.product_name,
    cast(scores.count_baskets as bigint) as count_purchases,
    scores.last_order_date,
    scores.median_gap_days as product_gap_days,
    scores.own_gap_days,
    cast(scores.expected_gap_days as double) as expected_gap_days,
    cast(
        {{ cartwise.add_days('scores.last_order_date', 'scores.expected_gap_days') }} as date
    ) as due_date,
    case
        when scores.elapsed_ratio < 0.8 then 'not_due'
        when scores.elapsed_ratio < 1.5 then 'due'
        when scores.elapsed_ratio < 3 then 'overdue'
        else 'lapsed'
    end as status,
    scores.elapsed_ratio >= 0.8 and scores.elapsed_ratio < 3 as is_due,
    shoppers.accepts_marketing as is_mailable,
    scores.cutoff_date as as_of_date

from scores
inner join products on scores.product_number = products.product_number
inner join shoppers on scores.customer_number = shoppers.customer_number
where products.is_offered

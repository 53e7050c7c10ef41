with

basket_lines as (

    select
        order_id,
        count(*) as count_products

    from {{ ref('cartwise', 'feat_cartwise__basket_lines') }}
    group by 1

),

orders as (

    select
        order_id,
        order_date

    from {{ ref('cartwise', 'int_cartwise__orders') }}

),

baskets as (

    select
        basket_lines.order_id,
        orders.order_date,
        basket_lines.count_products,
        basket_lines.count_products > {{ var('basket_max_products') }} as is_oversize

    from basket_lines
    inner join orders on basket_lines.order_id = orders.order_id

),

daily_baskets as (

    select
        order_date,
        count(*) as count_baskets

    from baskets
    where not is_oversize
    group by 1

),

-- whole days only: the held-out baskets are all later than the ones that rules are learned from
later_baskets as (

    select
        order_date,
        sum(count_baskets) over (order by order_date desc) as count_from_this_day,
        sum(count_baskets) over () as count_all

    from daily_baskets

),

holdout as (

    select min(order_date) as first_holdout_date

    from later_baskets
    where count_from_this_day <= {{ var('basket_holdout_share') }} * count_all

)

select
    baskets.order_id,
    baskets.order_date,
    baskets.count_products,
    baskets.is_oversize,
    coalesce(baskets.order_date >= holdout.first_holdout_date, false) as is_holdout

from baskets
cross join holdout

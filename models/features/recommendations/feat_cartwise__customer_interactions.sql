with

cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

products as (

    select
        product_id,
        product_number

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

shoppers as (

    select
        customer_id,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

ratings as (

    select
        shoppers.customer_number,
        products.product_number,
        reviews.review_date,
        reviews.rating

    from {{ ref('cartwise', 'int_cartwise__reviews') }} as reviews
    inner join products on reviews.product_id = products.product_id
    inner join shoppers on reviews.customer_id = shoppers.customer_id
    where reviews.rating is not null

),

-- a product that was rated was had, wherever it was bought
actions as (

    select
        customer_number,
        product_number,
        order_date as action_date,
        1 as count_purchases,
        cast(null as bigint) as rating

    from {{ ref('cartwise', 'feat_cartwise__purchase_days') }}

    union all

    select
        customer_number,
        product_number,
        review_date as action_date,
        0 as count_purchases,
        rating

    from ratings

),

pairs as (

    select
        cutoffs.cutoff_number,
        actions.customer_number,
        actions.product_number,
        {{ cartwise.days_between('max(actions.action_date)', 'max(cutoffs.cutoff_date)') }}
            as recency_days,
        sum(actions.count_purchases) as count_purchases,
        avg(actions.rating) as rating

    from cutoffs
    inner join actions on cutoffs.cutoff_date >= actions.action_date
    group by 1, 2, 3

),

-- stars are read against the other stars of the same customer, and fade to half within a year
centred as (

    select
        cutoff_number,
        customer_number,
        product_number,
        power(0.5, recency_days / cast(365 as double))
        * (1 + ln(greatest(count_purchases, 1)))
        * (
            1 + 0.25 * coalesce(
                rating - avg(rating) over (partition by cutoff_number, customer_number), 0
            )
        ) as weight,
        row_number() over (
            partition by cutoff_number, customer_number
            order by recency_days asc, count_purchases desc, product_number asc
        ) as place

    from pairs

)

-- heavy buyers are resellers and robots more than people of wide taste, and comparing all that they
-- ever bought would be quadratic
select
    cutoff_number,
    cast(customer_number as bigint) as group_number,
    product_number,
    weight as left_weight,
    weight as right_weight

from centred
where place <= 500

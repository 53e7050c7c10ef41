{%- set horizon = var('churn_horizon_days') -%}

with

cutoffs as (

    select * from {{ ref('cartwise', 'int_cartwise__cutoffs') }}

),

customer_days as (

    select * from {{ ref('cartwise', 'feat_cartwise__customer_days') }}

),

first_purchases as (

    select
        customer_id,
        min(activity_date) as first_purchase_date,
        {{ cartwise.hash_share('customer_id') }} as hash_share

    from customer_days
    where count_orders > 0
    group by 1

),

people as (

    select * from {{ ref('cartwise', 'stg_cartwise__customers') }}

),

population as (

    select
        first_purchases.customer_id,
        first_purchases.first_purchase_date,
        cutoffs.cutoff_date,
        cast({{ dbt.dateadd('day', -horizon, 'cutoffs.cutoff_date') }} as date) as recent_date,
        cast({{ dbt.dateadd('day', -2 * horizon, 'cutoffs.cutoff_date') }} as date)
            as earlier_date,
        cast({{ dbt.dateadd('day', -365, 'cutoffs.cutoff_date') }} as date) as year_date

    from first_purchases
    inner join cutoffs
        on
            first_purchases.first_purchase_date <= cutoffs.cutoff_date
            and first_purchases.hash_share < cutoffs.sample_share

),

sums as (

    select
        population.customer_id,
        population.cutoff_date,
        min(population.first_purchase_date) as first_purchase_date,
        max(case when customer_days.count_orders > 0 then customer_days.activity_date end)
            as last_purchase_date,
        max(case when customer_days.count_visits > 0 then customer_days.activity_date end)
            as last_visit_date,
        sum(customer_days.count_orders) as count_orders,
        sum(customer_days.count_basket_products) as count_basket_products,
        sum(customer_days.gross_amount) as gross_amount,
        sum(customer_days.discount_amount) as discount_amount,
        sum(customer_days.returned_amount + customer_days.refund_amount) as refund_amount,
        sum(customer_days.sold_amount - customer_days.refund_amount) as net_amount,
        sum(
            case
                when customer_days.activity_date > population.year_date
                    then customer_days.sold_amount - customer_days.refund_amount
                else 0
            end
        ) as year_net_amount,
        sum(
            case
                when customer_days.activity_date > population.recent_date
                    then customer_days.count_orders
                else 0
            end
        ) as count_recent_orders,
        sum(
            case
                when
                    customer_days.activity_date > population.earlier_date
                    and customer_days.activity_date <= population.recent_date
                    then customer_days.count_orders
                else 0
            end
        ) as count_earlier_orders,
        sum(customer_days.count_new_categories) as count_categories,
        sum(customer_days.count_reviews) as count_reviews,
        sum(customer_days.count_ratings) as count_ratings,
        sum(customer_days.total_rating) as total_rating,
        sum(
            case
                when customer_days.activity_date > population.recent_date
                    then customer_days.count_visits
                else 0
            end
        ) as count_recent_visits,
        count(customer_days.gap_days) as count_gaps,
        sum(customer_days.gap_days) as total_gap_days,
        sum(customer_days.gap_days * customer_days.gap_days) as total_gap_squares,
        max_by(
            customer_days.gap_days,
            case when customer_days.gap_days is not null then customer_days.activity_date end
        ) as last_gap_days

    from population
    inner join customer_days
        on
            population.customer_id = customer_days.customer_id
            and population.cutoff_date >= customer_days.activity_date
    group by 1, 2

),

country_buyers as (

    select
        people.country,
        first_purchases.first_purchase_date,
        count(*) as count_customers

    from first_purchases
    inner join people on first_purchases.customer_id = people.customer_id
    where people.country is not null
    group by 1, 2

),

country_sizes as (

    select
        cutoffs.cutoff_date,
        country_buyers.country,
        row_number() over (
            partition by cutoffs.cutoff_date
            order by sum(country_buyers.count_customers) desc, country_buyers.country
        ) as place

    from cutoffs
    inner join country_buyers on cutoffs.cutoff_date >= country_buyers.first_purchase_date
    group by 1, 2

),

main_countries as (

    select
        cutoff_date,
        country

    from country_sizes
    where place = 1

),

ratios as (

    select
        sums.*,
        {{ cartwise.days_between('sums.last_purchase_date', 'sums.cutoff_date') }}
            as recency_days,
        {{ cartwise.days_between('sums.first_purchase_date', 'sums.cutoff_date') }}
            as tenure_days,
        sums.total_gap_days / nullif(cast(sums.count_gaps as double), 0) as average_gap_days,
        (
            sums.total_gap_squares
            - sums.total_gap_days * cast(sums.total_gap_days as double) / nullif(sums.count_gaps, 0)
        ) / nullif(sums.count_gaps - 1, 0) as gap_variance,
        sums.count_gaps + 1 as count_order_days,
        cast(sums.gross_amount - sums.discount_amount as double) as ordered_amount

    from sums

),

usual_values as (

    select
        cutoff_date,
        median(ordered_amount / count_order_days) as order_value

    from ratios
    group by 1

)

select
    ratios.customer_id,
    ratios.cutoff_date,
    cast(ratios.recency_days as bigint) as recency_days,
    cast(ratios.tenure_days as bigint) as tenure_days,
    cast(ratios.count_orders as bigint) as count_orders,
    cast(ratios.net_amount as {{ cartwise.type_money() }}) as total_net_amount,
    cast(ratios.year_net_amount as {{ cartwise.type_money() }}) as year_net_amount,
    cast(ratios.net_amount as double) / ratios.count_orders as average_order_value,
    -- one order says little of the next: the shop's usual value counts as much as two orders
    (ratios.ordered_amount + 2 * usual_values.order_value) / (ratios.count_order_days + 2)
        as shrunk_order_value,
    ratios.average_gap_days,
    -- rounding can leave a variance of zero a little below it
    case when ratios.gap_variance is not null then sqrt(greatest(ratios.gap_variance, 0)) end
        as sd_gap_days,
    cast(ratios.last_gap_days as bigint) as last_gap_days,
    case
        when ratios.average_gap_days is not null
            then ratios.recency_days / greatest(ratios.average_gap_days, 1.0)
    end as overdue_ratio,
    cast(ratios.count_recent_orders as bigint) as count_recent_orders,
    ln(
        cast(ratios.count_recent_orders + 1 as double) / (ratios.count_earlier_orders + 1)
    ) as order_trend,
    cast(ratios.count_basket_products as double) / ratios.count_orders as average_basket_size,
    cast(ratios.count_categories as bigint) as count_categories,
    cast(ratios.discount_amount as double) / nullif(cast(ratios.gross_amount as double), 0)
        as discount_share,
    cast(least(ratios.refund_amount, ratios.gross_amount) as double)
    / nullif(cast(ratios.gross_amount as double), 0) as return_share,
    cast(ratios.count_reviews as bigint) as count_reviews,
    ratios.total_rating / nullif(cast(ratios.count_ratings as double), 0) as average_rating,
    cast(ratios.count_recent_visits as bigint) as count_recent_visits,
    cast({{ cartwise.days_between('ratios.last_visit_date', 'ratios.cutoff_date') }} as bigint)
        as days_since_last_visit,
    {{ cartwise.full_years('people.birth_date', 'ratios.cutoff_date') }} as age_years,
    lower(people.gender) in ('f', 'female', 'w', 'woman', 'women') as is_female,
    people.country = main_countries.country as is_home_country

from ratios
inner join usual_values on ratios.cutoff_date = usual_values.cutoff_date
left join people on ratios.customer_id = people.customer_id
left join main_countries on ratios.cutoff_date = main_countries.cutoff_date

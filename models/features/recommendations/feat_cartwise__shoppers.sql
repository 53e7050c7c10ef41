with

customers as (

    select distinct customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

master_rows as (

    select
        customer_id,
        country,
        case
            when not {{ cartwise.is_after_as_of_date('signed_up_at') }}
                then cast(signed_up_at as date)
        end as sign_up_date,
        accepts_marketing

    from {{ ref('cartwise', 'stg_cartwise__customers') }}

),

activity as (

    select
        customer_id,
        max(activity_date) as last_activity_date

    from {{ ref('cartwise', 'feat_cartwise__customer_days') }}
    where count_orders + count_visits + count_reviews > 0
    group by 1

)

select
    cast(row_number() over (order by customers.customer_id) as integer) as customer_number,
    customers.customer_id,
    {{ cartwise.hash_share('customers.customer_id') }} as hash_share,
    master_rows.country,
    greatest(activity.last_activity_date, master_rows.sign_up_date) as last_activity_date,
    coalesce(master_rows.accepts_marketing, false) as accepts_marketing

from customers
left join master_rows on customers.customer_id = master_rows.customer_id
left join activity on customers.customer_id = activity.customer_id

with

events as (

    select * from {{ ref('cartwise', 'int_cartwise__events_checked') }}
    where
        set_aside_reason is null
        and product_id is not null
        and coalesce(session_id, customer_id) is not null

),

products as (

    select
        product_id,
        product_number

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

customer_identities as (

    select
        account_id,
        customer_id

    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

shoppers as (

    select
        customer_id,
        customer_number

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}

),

views as (

    select
        coalesce(events.session_id, 'day of ' || events.customer_id) as visit_id,
        cast(events.occurred_at as date) as view_date,
        products.product_number,
        max(shoppers.customer_number) as customer_number

    from events
    inner join products on events.product_id = products.product_id
    left join customer_identities on events.customer_id = customer_identities.account_id
    left join shoppers on customer_identities.customer_id = shoppers.customer_id
    group by 1, 2, 3

)

select
    dense_rank() over (order by visit_id, view_date) as visit_number,
    product_number,
    customer_number,
    view_date

from views

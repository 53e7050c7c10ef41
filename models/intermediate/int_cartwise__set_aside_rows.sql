with

orders as (

    select
        'orders' as input_name,
        set_aside_reason,
        order_id as row_id,
        order_id,
        cast(null as {{ cartwise.type_money() }}) as amount

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where set_aside_reason is not null

),

order_lines as (

    select
        'order_lines' as input_name,
        set_aside_reason,
        order_line_id as row_id,
        order_id,
        ordered_amount as amount

    from {{ ref('cartwise', 'int_cartwise__order_lines_checked') }}
    where set_aside_reason is not null

),

refunds as (

    select
        'refunds' as input_name,
        set_aside_reason,
        order_id as row_id,
        order_id,
        amount

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is not null

),

reviews as (

    select
        'reviews' as input_name,
        set_aside_reason,
        review_id as row_id,
        order_id,
        cast(null as {{ cartwise.type_money() }}) as amount

    from {{ ref('cartwise', 'int_cartwise__reviews_checked') }}
    where set_aside_reason is not null

),

events as (

    select
        'events' as input_name,
        set_aside_reason,
        event_id as row_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as {{ cartwise.type_money() }}) as amount

    from {{ ref('cartwise', 'int_cartwise__events_checked') }}
    where set_aside_reason is not null

),

customers as (

    select
        'customers' as input_name,
        'unusable_customer_id' as set_aside_reason,
        customer_id as row_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as {{ cartwise.type_money() }}) as amount

    from {{ ref('cartwise', 'stg_cartwise__customers') }}
    where customer_id is null

),

products as (

    select
        'products' as input_name,
        'unusable_product_id' as set_aside_reason,
        product_id as row_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as {{ cartwise.type_money() }}) as amount

    from {{ ref('cartwise', 'stg_cartwise__products') }}
    where product_id is null

)

select * from orders
union all
select * from order_lines
union all
select * from refunds
union all
select * from reviews
union all
select * from events
union all
select * from customers
union all
select * from products

with

orders as (

    select * from {{ ref('cartwise', 'stg_cartwise__orders') }}

)

select
    order_id,
    customer_id,
    ordered_at,
    cast(ordered_at as date) as order_date,
    status,
    channel,
    coalesce(discount_amount, 0) as discount_amount,
    coalesce(shipping_amount, 0) as shipping_amount,
    coalesce(tax_amount, 0) as tax_amount,
    coalesce(status in {{ cartwise.word_list(var('sale_statuses')) }}, true) as is_sale,
    unusable_columns,
    case
        when order_id is null then 'unusable_order_id'
        when ordered_at is null then 'unusable_ordered_at'
        when {{ cartwise.is_after_as_of_date('ordered_at') }} then 'after_as_of_date'
        when
            status not in {{ cartwise.word_list(var('sale_statuses')) }}
            and status not in {{ cartwise.word_list(var('no_sale_statuses')) }}
            then 'unknown_status'
    end as set_aside_reason

from orders

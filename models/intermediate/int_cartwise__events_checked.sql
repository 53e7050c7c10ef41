with

events as (

    select * from {{ ref('cartwise', 'stg_cartwise__events') }}

)

select
    event_id,
    occurred_at,
    event_type,
    customer_id,
    session_id,
    product_id,
    unusable_columns,
    case
        when event_id is null then 'unusable_event_id'
        when occurred_at is null then 'unusable_occurred_at'
        when event_type is null then 'unusable_event_type'
        when {{ cartwise.is_after_as_of_date('occurred_at') }} then 'after_as_of_date'
    end as set_aside_reason

from events

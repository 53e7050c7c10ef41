-- One row per person, with the place of the latest order; the contract has no column for the state,
-- and several states have a town of the same name
select
    customer_unique_id as customer_id,
    max_by(
        customer_city || ', ' || customer_state, (order_purchase_timestamp, order_id)
    ) as city,
    'BR' as country

from {{ ref('order_customers') }}
group by 1

-- One row per basket, which has one household, one store and one time. Times are UTC in the file.
select
    basket_id as order_id,
    any_value(household_id) as customer_id,
    any_value(transaction_timestamp) as ordered_at,
    'completed' as status,
    'store ' || any_value(store_id) as channel

from {{ ref('receipt_lines') }}
group by 1

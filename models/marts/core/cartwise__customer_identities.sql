with

customer_identities as (

    select * from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

)

select
    account_id,
    customer_id,
    match_method,
    account_id <> customer_id as is_merged,
    cast(count_accounts as bigint) as count_accounts

from customer_identities

with

customers as (

    select
        customer_id,
        {% if var('merge_customers_by_email') -%}
        case when email like '%_@_%' then lower(email) end as normalised_email,
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as normalised_email,
        {%- endif %}
        signed_up_at

    from {{ ref('cartwise', 'stg_cartwise__customers') }}
    where customer_id is not null

),

ordering_customers as (

    select distinct customer_id

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where
        customer_id is not null
        and set_aside_reason is null

),

-- a shop's placeholder address, typed in for many customers, says nothing about who they are
shared_emails as (

    select
        normalised_email,
        count(*) as count_accounts

    from customers
    where normalised_email is not null
    group by 1
    having count(*) between 2 and 10

),

accounts as (

    select
        customers.customer_id as account_id,
        customers.signed_up_at,
        shared_emails.normalised_email,
        shared_emails.count_accounts,
        true as has_master_row

    from customers
    left join shared_emails on customers.normalised_email = shared_emails.normalised_email

    union all

    select
        ordering_customers.customer_id as account_id,
        cast(null as timestamp) as signed_up_at,
        cast(null as {{ dbt.type_string() }}) as normalised_email,
        cast(null as bigint) as count_accounts,
        false as has_master_row

    from ordering_customers
    left join customers on ordering_customers.customer_id = customers.customer_id
    where customers.customer_id is null

)

select
    account_id,
    first_value(account_id) over (
        partition by coalesce('email ' || normalised_email, 'id ' || account_id)
        order by signed_up_at nulls last, account_id
        rows between unbounded preceding and unbounded following
    ) as customer_id,
    case when normalised_email is null then 'id' else 'email' end as match_method,
    coalesce(count_accounts, 1) as count_accounts,
    has_master_row

from accounts

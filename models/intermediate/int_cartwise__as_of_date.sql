with

orders as (

    select * from {{ ref('cartwise', 'int_cartwise__orders_checked') }}

)

select
    {%- if var('as_of_date') %}
    cast('{{ var("as_of_date") }}' as date) as as_of_date,
    {%- else %}
    max(order_date) as as_of_date,
    {%- endif %}
    min(order_date) as first_order_date,
    max(order_date) as last_order_date

from orders
where set_aside_reason is null

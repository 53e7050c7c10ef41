with

order_lines as (

    select * from {{ ref('cartwise', 'stg_cartwise__order_lines') }}

),

orders as (

    select
        order_id,
        is_sale,
        set_aside_reason

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where order_id is not null

),

-- the running number depends on the line's content only, so row order cannot change a key
numbered_lines as (

    select
        *,
        row_number() over (
            partition by order_id
            order by
                product_id nulls last,
                quantity nulls last,
                unit_price nulls last,
                discount_amount nulls last
        ) as line_number

    from order_lines

),

-- one digit more than the inputs have, so that the product of any two of them can be held
priced_lines as (

    select
        *,
        round(cast(quantity as decimal(19, 3)) * unit_price, 2) as exact_amount

    from numbered_lines

)

select
    coalesce(
        priced_lines.order_line_id,
        priced_lines.order_id
        || '-'
        || cast(priced_lines.line_number as {{ dbt.type_string() }})
    ) as order_line_id,
    priced_lines.order_id,
    priced_lines.product_id,
    priced_lines.quantity,
    priced_lines.unit_price,
    coalesce(priced_lines.discount_amount, 0) as discount_amount,
    case
        when abs(priced_lines.exact_amount) <= 1000000000000
            then cast(priced_lines.exact_amount as {{ cartwise.type_money() }})
    end as ordered_amount,
    coalesce(orders.is_sale, false) as is_sale,
    priced_lines.unusable_columns,
    case
        when priced_lines.order_id is null then 'unusable_order_id'
        when orders.order_id is null then 'order_not_found'
        when orders.set_aside_reason = 'after_as_of_date' then 'after_as_of_date'
        when orders.set_aside_reason is not null then 'order_set_aside'
        when priced_lines.product_id is null then 'unusable_product_id'
        when priced_lines.quantity is null then 'unusable_quantity'
        when priced_lines.unit_price is null then 'unusable_unit_price'
        when abs(priced_lines.exact_amount) > 1000000000000 then 'unusable_amount'
    end as set_aside_reason

from priced_lines
left join orders on priced_lines.order_id = orders.order_id

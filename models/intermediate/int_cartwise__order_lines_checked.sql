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

)

select
    coalesce(
        numbered_lines.order_line_id,
        numbered_lines.order_id
        || '-'
        || cast(numbered_lines.line_number as {{ dbt.type_string() }})
    ) as order_line_id,
    numbered_lines.order_id,
    numbered_lines.product_id,
    numbered_lines.quantity,
    numbered_lines.unit_price,
    coalesce(numbered_lines.discount_amount, 0) as discount_amount,
    cast(
        round(numbered_lines.quantity * numbered_lines.unit_price, 2) as {{ cartwise.type_money() }}
    ) as ordered_amount,
    coalesce(orders.is_sale, false) as is_sale,
    numbered_lines.unusable_columns,
    case
        when numbered_lines.order_id is null then 'unusable_order_id'
        when orders.order_id is null then 'order_not_found'
        when orders.set_aside_reason = 'after_as_of_date' then 'after_as_of_date'
        when orders.set_aside_reason is not null then 'order_set_aside'
        when numbered_lines.product_id is null then 'unusable_product_id'
        when numbered_lines.quantity is null then 'unusable_quantity'
        when numbered_lines.unit_price is null then 'unusable_unit_price'
    end as set_aside_reason

from numbered_lines
left join orders on numbered_lines.order_id = orders.order_id

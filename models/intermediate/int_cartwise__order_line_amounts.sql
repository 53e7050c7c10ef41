with

order_lines as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines_checked') }}
    where set_aside_reason is null

),

order_discounts as (

    select
        order_id,
        discount_amount

    from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where set_aside_reason is null

),

-- a line in a sale is either a purchase or a return; lines of other orders count as zero
priced_lines as (

    select
        *,
        is_sale and quantity > 0 as is_purchase,
        case when is_sale and quantity > 0 then ordered_amount else 0 end as gross_amount,
        case when is_sale and quantity > 0 then least(discount_amount, ordered_amount) else 0 end
            as line_discount_amount,
        case
            when is_sale and quantity < 0 then greatest(-ordered_amount - discount_amount, 0)
            else 0
        end as returned_amount

    from order_lines

),

running_lines as (

    select
        *,
        gross_amount - line_discount_amount as discounted_amount,
        sum(gross_amount - line_discount_amount) over (
            partition by order_id
            order by order_line_id
            rows between unbounded preceding and current row
        ) as running_amount,
        sum(gross_amount - line_discount_amount) over (partition by order_id) as order_amount

    from priced_lines

),

allocated_lines as (

    select
        running_lines.*,
        {{ cartwise.allocate_amount(
            'least(order_discounts.discount_amount, running_lines.order_amount)',
            'running_lines.discounted_amount',
            'running_lines.running_amount',
            'running_lines.order_amount',
        ) }} as order_discount_amount

    from running_lines
    inner join order_discounts on running_lines.order_id = order_discounts.order_id

)

select
    order_line_id,
    order_id,
    product_id,
    quantity,
    unit_price,
    ordered_amount,
    is_sale,
    is_purchase,
    cast(gross_amount as {{ cartwise.type_money() }}) as gross_amount,
    cast(line_discount_amount as {{ cartwise.type_money() }}) as line_discount_amount,
    order_discount_amount,
    cast(returned_amount as {{ cartwise.type_money() }}) as returned_amount,
    cast(discounted_amount - order_discount_amount as {{ cartwise.type_money() }})
        as sold_amount

from allocated_lines

with

set_aside_rows as (

    select * from {{ ref('cartwise', 'int_cartwise__set_aside_rows') }}

),

orders as (

    select * from {{ ref('cartwise', 'int_cartwise__orders') }}

),

orders_checked as (

    select * from {{ ref('cartwise', 'int_cartwise__orders_checked') }}
    where set_aside_reason is null

),

order_lines as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines') }}

),

order_lines_checked as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines_checked') }}
    where set_aside_reason is null

),

customer_identities as (

    select * from {{ ref('cartwise', 'int_cartwise__customer_identities') }}

),

products as (

    select * from {{ ref('cartwise', 'int_cartwise__products') }}

),

baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__baskets') }}

),

set_aside as (

    select
        input_name,
        set_aside_reason as rule,
        count(*) as count_rows,
        sum(amount) as amount

    from set_aside_rows
    group by 1, 2

),

order_remarks as (

    {{ cartwise.count_remarks('orders', 'orders', 'ordered_amount', {
        'no_sale_status': 'not is_sale',
        'guest': 'customer_id is null',
        'without_lines': 'count_lines = 0',
        'return_only': 'is_sale and count_lines > 0 and not is_purchase',
        'refund_beyond_goods': 'other_refund_amount > 0',
    }) }}

),

customer_remarks as (

    select
        'orders' as input_name,
        'customer_inferred' as rule,
        count(*) as count_rows,
        cast(null as {{ cartwise.type_money() }}) as amount

    from orders_checked
    inner join customer_identities on orders_checked.customer_id = customer_identities.account_id
    where not customer_identities.has_master_row

),

capped_order_discounts as (

    select
        'orders' as input_name,
        'discount_capped' as rule,
        count(*) as count_rows,
        sum(excess_amount) as amount

    from (
        select
            orders_checked.order_id,
            max(orders_checked.discount_amount)
            - sum(
                order_line_amounts.gross_amount - order_line_amounts.line_discount_amount
            ) as excess_amount

        from orders_checked
        inner join {{ ref('cartwise', 'int_cartwise__order_line_amounts') }} as order_line_amounts
            on orders_checked.order_id = order_line_amounts.order_id
        where
            orders_checked.discount_amount > 0
            and orders_checked.is_sale
        group by 1
    ) as order_discounts
    where excess_amount > 0

),

line_remarks as (

    {{ cartwise.count_remarks('order_lines', 'order_lines', 'ordered_amount', {
        'return_line': 'quantity < 0',
        'zero_price': 'unit_price = 0',
        'zero_quantity': 'quantity = 0',
    }) }}

),

capped_line_discounts as (

    select
        'order_lines' as input_name,
        'discount_capped' as rule,
        count(*) as count_rows,
        sum(discount_amount - ordered_amount) as amount

    from order_lines_checked
    where
        is_sale
        and quantity > 0
        and discount_amount > ordered_amount

),

inferred_products as (

    select
        'order_lines' as input_name,
        'product_inferred' as rule,
        count(*) as count_rows,
        sum(order_lines.ordered_amount) as amount

    from order_lines
    inner join products on order_lines.product_id = products.product_id
    where products.is_inferred

),

oversize_baskets as (

    select
        'orders' as input_name,
        'oversize_basket' as rule,
        count(*) as count_rows,
        sum(orders.ordered_amount) as amount

    from orders
    inner join baskets on orders.order_id = baskets.order_id
    where baskets.is_oversize

),

merged_accounts as (

    select
        'customers' as input_name,
        'merged_by_email' as rule,
        count(*) as count_rows,
        cast(null as {{ cartwise.type_money() }}) as amount

    from customer_identities
    where account_id <> customer_id

),

ruled as (

    select * from set_aside
    union all
    select * from order_remarks
    union all
    select * from customer_remarks
    union all
    select * from capped_order_discounts
    union all
    select * from line_remarks
    union all
    select * from capped_line_discounts
    union all
    select * from inferred_products
    union all
    select * from oversize_baskets
    union all
    select * from merged_accounts

),

{# a column that is required and unusable already is the reason to set its row aside #}
unusable_values as (

    {% for input, relation in cartwise.checked_inputs().items() -%}
    select
        '{{ input }}' as input_name,
        trim(unusable_columns) as column_names,
        count(*) as count_rows
    from {{ relation }}
    where
        unusable_columns is not null
        {%- if 'checked' in relation | string %}
        and set_aside_reason is null
        {%- endif %}
    group by 1, 2
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

)

select
    input_name,
    rule,
    cast(null as {{ dbt.type_string() }}) as column_names,
    count_rows,
    amount

from ruled
where count_rows > 0

union all

select
    input_name,
    'unusable_value' as rule,
    column_names,
    count_rows,
    cast(null as {{ cartwise.type_money() }}) as amount

from unusable_values

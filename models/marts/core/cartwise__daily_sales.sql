with

order_days as (

    {{ cartwise.date_range(
        ref('cartwise', 'int_cartwise__as_of_date'), 'first_order_date', 'as_of_date', 'order_date'
    ) }}

),

daily_orders as (

    select
        order_date,
        count(case when is_purchase then 1 end) as count_orders,
        count(case when is_purchase and is_guest then 1 end) as count_guest_orders,
        count(case when is_purchase and order_number = 1 then 1 end) as count_new_customers,
        count(distinct case when is_purchase then customer_id end) as count_customers,
        sum(quantity) as total_quantity,
        sum(gross_amount) as total_gross_amount,
        sum(discount_amount) as total_discount_amount,
        sum(refund_amount) as total_refund_amount,
        sum(net_amount) as total_net_amount,
        sum(shipping_amount) as total_shipping_amount,
        sum(tax_amount) as total_tax_amount,
        sum(other_refund_amount) as total_other_refund_amount

    from {{ ref('cartwise', 'cartwise__orders') }}
    group by 1

),

-- the same refunds by the day the money left, for whoever reconciles with a bank statement
daily_payouts as (

    select
        refund_date,
        sum(amount) as total_paid_back_amount

    from {{ ref('cartwise', 'int_cartwise__refunds_checked') }}
    where set_aside_reason is null
    group by 1

),

-- money is paid back after the last order too
days as (

    select order_date
    from order_days

    union distinct

    select refund_date as order_date
    from daily_payouts

)

select
    days.order_date,
    cast(coalesce(daily_orders.count_orders, 0) as bigint) as count_orders,
    cast(coalesce(daily_orders.count_guest_orders, 0) as bigint) as count_guest_orders,
    cast(coalesce(daily_orders.count_customers, 0) as bigint) as count_customers,
    cast(coalesce(daily_orders.count_new_customers, 0) as bigint) as count_new_customers,
    cast(coalesce(daily_orders.total_quantity, 0) as decimal(18, 3)) as total_quantity,
    cast(coalesce(daily_orders.total_gross_amount, 0) as {{ cartwise.type_money() }})
        as total_gross_amount,
    cast(coalesce(daily_orders.total_discount_amount, 0) as {{ cartwise.type_money() }})
        as total_discount_amount,
    cast(coalesce(daily_orders.total_refund_amount, 0) as {{ cartwise.type_money() }})
        as total_refund_amount,
    cast(coalesce(daily_orders.total_net_amount, 0) as {{ cartwise.type_money() }})
        as total_net_amount,
    cast(coalesce(daily_orders.total_shipping_amount, 0) as {{ cartwise.type_money() }})
        as total_shipping_amount,
    cast(coalesce(daily_orders.total_tax_amount, 0) as {{ cartwise.type_money() }})
        as total_tax_amount,
    cast(coalesce(daily_orders.total_other_refund_amount, 0) as {{ cartwise.type_money() }})
        as total_other_refund_amount,
    cast(coalesce(daily_payouts.total_paid_back_amount, 0) as {{ cartwise.type_money() }})
        as total_paid_back_amount,
    cast(
        daily_orders.total_net_amount / nullif(cast(daily_orders.count_orders as double), 0)
        as double
    ) as average_order_value

from days
left join daily_orders on days.order_date = daily_orders.order_date
left join daily_payouts on days.order_date = daily_payouts.refund_date

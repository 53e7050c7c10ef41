with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

customers as (

    select
        customer_id,
        cohort_month

    from {{ ref('cartwise', 'cartwise__customers') }}
    where cohort_month is not null

),

cohorts as (

    select
        cohort_month,
        count(*) as count_cohort_customers

    from customers
    group by 1

),

months as (

    select distinct
        cast({{ dbt.date_trunc('month', 'daily_sales.order_date') }} as date) as order_month

    from {{ ref('cartwise', 'cartwise__daily_sales') }} as daily_sales
    cross join as_of_date
    where daily_sales.order_date <= as_of_date.as_of_date

),

-- every month since the first order, so that a month without orders shows as zero
cohort_months as (

    select
        cohorts.cohort_month,
        cohorts.count_cohort_customers,
        months.order_month

    from cohorts
    inner join months on cohorts.cohort_month <= months.order_month

),

activity as (

    select
        customers.cohort_month,
        -- a return of an earlier purchase can precede the first purchase that is known
        greatest(
            customers.cohort_month,
            cast({{ dbt.date_trunc('month', 'orders.order_date') }} as date)
        ) as order_month,
        count(distinct case when orders.is_purchase then orders.customer_id end)
            as count_active_customers,
        count(case when orders.is_purchase then 1 end) as count_orders,
        sum(orders.net_amount) as total_net_amount

    from {{ ref('cartwise', 'cartwise__orders') }} as orders
    inner join customers on orders.customer_id = customers.customer_id
    group by 1, 2

)

select
    cohort_months.cohort_month,
    cohort_months.order_month,
    {{ cartwise.months_between('cohort_months.cohort_month', 'cohort_months.order_month') }}
        as months_since_first_order,
    cast(cohort_months.count_cohort_customers as bigint) as count_cohort_customers,
    cast(coalesce(activity.count_active_customers, 0) as bigint) as count_active_customers,
    cast(
        coalesce(activity.count_active_customers, 0)
        / cast(cohort_months.count_cohort_customers as double) as double
    ) as retention_rate,
    cast(coalesce(activity.count_orders, 0) as bigint) as count_orders,
    cast(coalesce(activity.total_net_amount, 0) as {{ cartwise.type_money() }})
        as total_net_amount,
    cast(
        sum(coalesce(activity.total_net_amount, 0)) over (
            partition by cohort_months.cohort_month
            order by cohort_months.order_month
            rows between unbounded preceding and current row
        ) as {{ cartwise.type_money() }}
    ) as cumulative_net_amount,
    as_of_date.as_of_date >= {{ dbt.last_day('cohort_months.order_month', 'month') }}
        as is_complete_month

from cohort_months
cross join as_of_date
left join activity
    on
        cohort_months.cohort_month = activity.cohort_month
        and cohort_months.order_month = activity.order_month

-- One row if the payments of more than 0.5 % of the sales differ from goods and freight by over a cent
with

orders as (

    select
        order_id,
        net_amount + shipping_amount as total_amount

    from {{ ref('cartwise', 'cartwise__orders') }}
    where is_purchase

),

payments as (

    select
        order_id,
        sum(payment_value) as payment_amount

    from
        read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/order_payments.parquet')
    group by 1

),

differences as (

    select avg(
        case when abs(orders.total_amount - payments.payment_amount) <= 0.01 then 0 else 1 end
    ) as share_of_orders

    from orders
    left join payments on orders.order_id = payments.order_id

)

select * from differences
where share_of_orders > 0.005

-- One row per order with the person who placed it: customer_id of the files is a new one for each order
select
    orders.order_id,
    customers.customer_unique_id,
    customers.customer_city,
    customers.customer_state,
    orders.order_status,
    orders.order_purchase_timestamp

from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/orders.parquet') as orders
inner join
    read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/customers.parquet') as customers
    on orders.customer_id = customers.customer_id

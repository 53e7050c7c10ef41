-- One row per piece: who buys three of a product has three rows
select
    order_id || '-' || order_item_id as order_line_id,
    order_id,
    product_id,
    1 as quantity,
    price as unit_price,
    -- no column of the contract: the orders add it up
    freight_value

from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/order_items.parquet')

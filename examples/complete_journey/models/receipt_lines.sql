-- One row per line of the receipts, with money to the cent and fuel in gallons
with

transactions as (

    select *

    from
        read_parquet(
            '{{ env_var("CARTWISE_SHARED_DATA") }}/complete_journey/transactions.parquet'
        )

),

products as (

    select
        product_id,
        product_type

    from {{ ref('products') }}

),

receipt_lines as (

    select
        transactions.basket_id,
        transactions.household_id,
        transactions.store_id,
        transactions.product_id,
        transactions.transaction_timestamp,
        transactions.quantity,
        cast(transactions.sales_value as decimal(18, 2)) as sales_value,
        -- what the shop gave away: its loyalty price and its match of a maker's coupon. The coupon
        -- itself (coupon_disc) is no discount of the shop: the maker pays it back, and sales_value
        -- holds it.
        cast(transactions.retail_disc as decimal(18, 2))
        + cast(transactions.coupon_match_disc as decimal(18, 2)) as discount_amount,
        coalesce(products.product_type like 'GASOLINE%', false) as is_fuel

    from transactions
    left join products on transactions.product_id = products.product_id

)

select
    basket_id,
    household_id,
    store_id,
    product_id,
    transaction_timestamp,
    case
        -- the pump counts thousandths of a gallon, at 0.2 to 0.6 cents each, too little for a unit
        -- price of four decimals; 1,177 lines of fuel have only a sum of money and quantity 1
        when is_fuel and sales_value < 0.01 * quantity then cast(quantity / 1000 as decimal(18, 3))
        -- a few weighed goods came to money without a unit
        when quantity = 0 and sales_value > 0 then 1
        else quantity
    end as quantity,
    sales_value + discount_amount as shelf_value,
    discount_amount

from receipt_lines

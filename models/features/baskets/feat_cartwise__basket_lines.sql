with

order_lines as (

    select * from {{ ref('cartwise', 'int_cartwise__order_lines') }}
    where
        is_sale
        and not is_service

)

-- a return in the same order cancels the sale, so the basket holds what was kept
select
    order_id,
    product_id,
    sum(quantity) as quantity

from order_lines
group by 1, 2
having sum(quantity) > 0

-- One row per product. The file has no names: the type and the package size stand for one.
select
    product_id,
    product_type,
    lower(concat_ws(' ', coalesce(product_type, product_category, department), package_size))
        as name,
    case
        -- gift cards and sold coupons are money but no goods
        when product_type like '%GIFT CARD%' then 'gift_card'
        when department = 'COUPON' then 'service'
        else lower(coalesce(product_category, department))
    end as category,
    lower(brand) as brand

from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/complete_journey/products.parquet')

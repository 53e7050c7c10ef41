-- One row per product. The file has no names, so the key stands for one.
with

products as (

    select *

    from read_csv('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/products.csv.gz')

),

translations as (

    select *

    from
        read_csv('{{ env_var("CARTWISE_SHARED_DATA") }}/olist_sample/category_translation.csv.gz')

)

select
    products.product_id,
    products.product_id as name,
    -- two categories are not translated
    coalesce(translations.product_category_name_english, products.product_category_name)
        as category

from products
left join translations
    on products.product_category_name = translations.product_category_name

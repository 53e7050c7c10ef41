-- Apriori: a set of products is in no more baskets than any one of its products.
with

itemsets as (

    select * from {{ ref('cartwise', 'ml_cartwise__frequent_itemsets') }}

),

itemset_products as (

    {{ cartwise.explode_array('itemsets', 'itemset_id', 'items', 'product_id') }}

),

basket_products as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_products') }}

)

select itemsets.itemset_id

from itemsets
inner join itemset_products on itemsets.itemset_id = itemset_products.itemset_id
left join basket_products on itemset_products.product_id = basket_products.product_id
where
    basket_products.product_id is null
    or itemsets.count_baskets > basket_products.count_baskets
    or itemsets.count_holdout_baskets > basket_products.count_holdout_baskets

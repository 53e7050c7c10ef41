with

cutoffs as (

    select
        cutoff_number,
        cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where recommendation_role is not null

),

product_views as (

    select
        *,
        count(*) over (partition by visit_number) as count_products

    from {{ ref('cartwise', 'feat_cartwise__product_views') }}

)

select
    cutoffs.cutoff_number,
    cast(product_views.visit_number as bigint) as group_number,
    product_views.product_number,
    cast(1 as double) as left_weight,
    cast(1 as double) as right_weight

from cutoffs
inner join product_views on cutoffs.cutoff_date >= product_views.view_date
-- a visit of one product compares nothing, and one of very many is a robot's
where product_views.count_products between 2 and {{ var('basket_max_products') }}

with

customers as (

    select
        *,
        row_number() over (partition by cutoff_number order by hash_share, customer_number) as place

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where next_basket_date is not null

),

sufficient_models as (

    select model

    from {{ ref('cartwise', 'feat_cartwise__recommendation_sufficiency') }}
    where model = 'recommendations'
    group by 1
    having sum(case when is_met then 0 else 1 end) = 0

),

-- so many are enough to learn a dozen weights
sampled_customers as (

    select customers.*

    from customers
    cross join sufficient_models
    where customers.place <= 2000

),

candidates as (

    select * from {{ ref('cartwise', 'score_cartwise__candidates') }}

),

next_baskets as (

    select * from {{ ref('cartwise', 'feat_cartwise__next_baskets') }}

)

select
    -- one number that sorts by date, customer and product
    (
        cast(candidates.cutoff_number as bigint) * 100000000000000
        + cast(sampled_customers.place as bigint) * 10000000000
        + candidates.product_number
    ) as example_number,
    candidates.cutoff_number,
    candidates.customer_number,
    {%- for strategy, measures in cartwise.blend_features().items() %}
    {%- for measure in measures %}
    cast(candidates.{{ strategy }}__{{ measure }} as double) as {{ strategy }}__{{ measure }},
    {%- endfor %}
    {%- endfor %}
    next_baskets.product_number is not null as is_bought

from candidates
inner join sampled_customers
    on
        candidates.cutoff_number = sampled_customers.cutoff_number
        and candidates.customer_number = sampled_customers.customer_number
left join next_baskets
    on
        candidates.cutoff_number = next_baskets.cutoff_number
        and candidates.customer_number = next_baskets.customer_number
        and candidates.product_number = next_baskets.product_number

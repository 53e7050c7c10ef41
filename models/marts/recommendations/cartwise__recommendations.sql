{%- set sources = ['also_bought', 'bought_next', 'viewed_together', 'similar'] -%}

with

recommendations as (

    select
        *,
        case strategy
            {%- for source in sources %}
            when '{{ source }}' then {{ source }}_source_number
            {%- endfor %}
        end as source_number

    from {{ ref('cartwise', 'score_cartwise__recommendations') }}
    where
        role = 'score'
        and {{ cartwise.in_part('customer_number') }}

),

customers as (

    select
        cutoff_number,
        customer_number,
        cutoff_date

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}
    where
        role = 'score'
        and {{ cartwise.in_part('customer_number') }}

),

shoppers as (

    select
        customer_number,
        customer_id,
        accepts_marketing

    from {{ ref('cartwise', 'feat_cartwise__shoppers') }}
    where {{ cartwise.in_part('customer_number') }}

),

products as (

    select
        product_number,
        product_id,
        product_name

    from {{ ref('cartwise', 'feat_cartwise__products') }}

),

product_histories as (

    select * from {{ ref('cartwise', 'feat_cartwise__product_histories') }}
    where {{ cartwise.in_part('customer_number') }}

),

view_histories as (

    select * from {{ ref('cartwise', 'feat_cartwise__view_histories') }}
    where {{ cartwise.in_part('customer_number') }}

),

replenishment as (

    select
        cutoff_number,
        customer_number,
        product_number,
        expected_gap_days

    from {{ ref('cartwise', 'score_cartwise__replenishment') }}
    where {{ cartwise.in_part('customer_number') }}

),

customer_segments as (

    select * from {{ ref('cartwise', 'score_cartwise__recipient_segments') }}
    where {{ cartwise.in_part('customer_number') }}

),

purchases as (

    select
        cutoff_number,
        product_number,
        count_buyers

    from {{ ref('cartwise', 'feat_cartwise__product_repurchases') }}

),

evidence as (

    select
        recommendations.*,
        customers.cutoff_date,
        shoppers.customer_id,
        shoppers.accepts_marketing,
        products.product_id,
        products.product_name,
        source_products.product_id as source_product_id,
        source_products.product_name as source_product_name,
        product_histories.count_baskets,
        product_histories.last_order_id,
        cast(product_histories.last_order_date as {{ dbt.type_string() }}) as last_order_date,
        cast(view_histories.last_view_date as {{ dbt.type_string() }}) as last_view_date,
        cast(cast(round(replenishment.expected_gap_days) as bigint) as {{ dbt.type_string() }})
            as expected_gap_days,
        customer_segments.segment,
        cast(purchases.count_buyers as {{ dbt.type_string() }}) as count_buyers

    from recommendations
    inner join customers
        on
            recommendations.cutoff_number = customers.cutoff_number
            and recommendations.customer_number = customers.customer_number
    inner join shoppers on recommendations.customer_number = shoppers.customer_number
    inner join products on recommendations.product_number = products.product_number
    inner join purchases
        on
            recommendations.cutoff_number = purchases.cutoff_number
            and recommendations.product_number = purchases.product_number
    left join products as source_products
        on recommendations.source_number = source_products.product_number
    left join product_histories
        on
            recommendations.cutoff_number = product_histories.cutoff_number
            and recommendations.customer_number = product_histories.customer_number
            and recommendations.product_number = product_histories.product_number
    left join view_histories
        on
            recommendations.cutoff_number = view_histories.cutoff_number
            and recommendations.customer_number = view_histories.customer_number
            and recommendations.product_number = view_histories.product_number
    left join replenishment
        on
            recommendations.cutoff_number = replenishment.cutoff_number
            and recommendations.customer_number = replenishment.customer_number
            and recommendations.product_number = replenishment.product_number
    left join customer_segments
        on
            recommendations.cutoff_number = customer_segments.cutoff_number
            and recommendations.customer_number = customer_segments.customer_number

)

select
    customer_id,
    cast(place as bigint) as rank,
    product_id,
    product_name,
    strategy,
    probability as score,
    case
        when strategy = 'buy_again' and count_baskets = 1 then 'Bought on ' || last_order_date
        when strategy = 'buy_again'
            then concat(
                    'Bought ', cast(count_baskets as {{ dbt.type_string() }}), ' times, last on ',
                    last_order_date
                )
        when strategy = 'replenishment'
            then concat(
                    'Usually bought again within ', expected_gap_days, ' days; last on ',
                    last_order_date
                )
        when strategy = 'also_bought' then 'Bought by customers who bought ' || source_product_name
        when strategy = 'bought_next' then 'Often bought after ' || source_product_name
        when strategy = 'viewed' then 'Looked at on ' || last_view_date
        when strategy = 'viewed_together'
            then 'Often looked at together with ' || source_product_name
        when strategy = 'similar' then 'Similar to ' || source_product_name
        when strategy = 'segment' then 'A favourite of ' || segment
        else concat('A favourite of the shop, with ', count_buyers, ' buyers')
    end as reason,
    case
        when strategy in ('buy_again', 'replenishment') then 'order'
        when strategy = 'segment' then 'segment'
        else 'product'
    end as evidence_type,
    {{ dbt.array_construct(["case
            when strategy in ('buy_again', 'replenishment') then last_order_id
            when strategy = 'segment' then segment
            else coalesce(source_product_id, product_id)
        end"]) }} as evidence_ids,
    is_bought as is_repurchase,
    accepts_marketing as is_mailable,
    cutoff_date as as_of_date

from evidence

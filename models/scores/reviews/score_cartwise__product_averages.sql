with

reviews as (

    select
        product_id,
        cast(rating as double) as rating,
        sentiment_score

    from {{ ref('cartwise', 'score_cartwise__reviews') }}
    where product_id is not null

),

measured_reviews as (

    select
        product_id,
        measure,
        measure_value

    from reviews
    unpivot (measure_value for measure in (rating, sentiment_score))

),

products as (

    select
        product_id,
        measure,
        cast(count(*) as double) as count_reviews,
        {{ cartwise.stable_avg('measure_value') }} as average_value,
        {{ cartwise.stable_sum('measure_value * measure_value') }} as total_squares

    from measured_reviews
    group by 1, 2

),

shop_averages as (

    select
        measure,
        sum(count_reviews) as count_reviews,
        count(*) as count_products,
        {{ cartwise.stable_sum('count_reviews * average_value') }} / sum(count_reviews)
            as shop_average,
        sum(count_reviews) - sum(count_reviews * count_reviews) / sum(count_reviews)
            as effective_reviews,
        {{ cartwise.stable_sum(
            'total_squares - count_reviews * average_value * average_value'
        ) }} as squares_within

    from products
    group by 1

),

squares as (

    select
        products.measure,
        {{ cartwise.stable_sum(
            'products.count_reviews * power(products.average_value - shop_averages.shop_average, 2)'
        ) }} as squares_between

    from products
    inner join shop_averages on products.measure = shop_averages.measure
    group by 1

),

-- Buehlmann and Straub (1970): the variance of reviews of one product, and that of true averages
-- among products; both null where no product has two reviews
variances as (

    select
        shop_averages.measure,
        shop_averages.shop_average,
        shop_averages.squares_within
        / nullif(shop_averages.count_reviews - shop_averages.count_products, 0) as noise,
        (
            squares.squares_between
            - (shop_averages.count_products - 1) * shop_averages.squares_within
            / nullif(shop_averages.count_reviews - shop_averages.count_products, 0)
        ) / nullif(shop_averages.effective_reviews, 0) as signal

    from shop_averages
    inner join squares on shop_averages.measure = squares.measure

),

credibilities as (

    select
        products.product_id,
        products.measure,
        products.count_reviews,
        products.average_value,
        variances.shop_average,
        case
            when variances.signal > 0
                then
                    products.count_reviews
                    / (products.count_reviews + variances.noise / variances.signal)
            else 0
        end as credibility

    from products
    inner join variances on products.measure = variances.measure

)

select
    product_id,
    measure,
    cast(count_reviews as bigint) as count_reviews,
    average_value,
    shop_average,
    credibility,
    shop_average + credibility * (average_value - shop_average) as shrunk_average

from credibilities

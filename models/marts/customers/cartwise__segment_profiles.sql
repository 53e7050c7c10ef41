{%- set features = cartwise.customer_features() -%}

with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

members as (

    select
        segments.segment_id,
        customers.*

    from {{ ref('cartwise', 'score_cartwise__customer_segments') }} as segments
    inner join {{ ref('cartwise', 'feat_cartwise__customers') }} as customers
        on
            segments.customer_id = customers.customer_id
            and segments.cutoff_date = customers.cutoff_date
    where
        segments.is_score_date
        and segments.segment_id is not null

),

centroids as (

    select
        segments.segment_id,
        max(case when segments.feature = 'recency_days' then segments.centroid end) as recency,
        max(case when segments.feature = 'count_orders' then segments.centroid end) as frequency,
        max(case when segments.feature = 'total_net_amount' then segments.centroid end) as money

    from {{ ref('cartwise', 'score_cartwise__segments') }} as segments
    inner join as_of_date on segments.as_of_date = as_of_date.as_of_date
    group by 1

),

everybody as (

    select
        {%- for feature in features %}
        {{ cartwise.stable_avg(cartwise.feature_value(feature)) }} as mean_{{ feature }},
        nullif(stddev_pop({{ cartwise.feature_value(feature) }}), 0) as sd_{{ feature }},
        {%- endfor %}
        count(*) as count_customers

    from members

),

segment_sizes as (

    select
        segment_id,
        count(*) as count_customers,
        sum(total_net_amount) as total_net_amount,
        {{ cartwise.stable_avg('recency_days') }} as average_recency_days,
        {{ cartwise.stable_avg('count_orders') }} as average_count_orders,
        {{ cartwise.stable_avg('total_net_amount') }} as average_net_amount,
        {{ cartwise.stable_avg('average_order_value') }} as average_order_value,
        {{ cartwise.stable_avg('average_gap_days') }} as average_gap_days,
        {{ cartwise.stable_avg('discount_share') }} as average_discount_share

    from members
    group by 1

),

-- not from everybody: Spark plans a second use of so many averages for half a minute
totals as (

    select
        sum(count_customers) as count_customers,
        cast(sum(total_net_amount) as double) as total_net_amount

    from segment_sizes

),

segment_means as (

    select
        segment_id,
        {%- for feature in features %}
        {{ cartwise.stable_avg(cartwise.feature_value(feature)) }} as mean_{{ feature }},
        {%- endfor %}
        count(*) as count_customers

    from members
    group by 1

),

comparisons as (

    select
        {%- for feature, reading in features.items() %}
        {%- set mean = 'segment_means.mean_' ~ feature %}
        {%- set usual = 'everybody.mean_' ~ feature %}
        ({{ mean }} - {{ usual }}) / everybody.sd_{{ feature }} as deviation_{{ feature }},
        {%- for name, value in {'mean': mean, 'usual': usual}.items() %}
        {{ 'exp(' ~ value ~ ') - 1' if reading.scale == 'log' else value }}
            as {{ name }}_{{ feature }},
        {%- endfor %}
        {%- endfor %}
        segment_means.segment_id

    from segment_means
    cross join everybody

),

traits as (

    select
        segment_id,
        feature,
        deviation,
        {{ cartwise.feature_noun('feature') }}
        || ' ' || {{ cartwise.feature_text('feature', 'mean') }}
        || ' (all: ' || {{ cartwise.feature_text('feature', 'usual') }} || ')' as trait,
        row_number() over (
            partition by segment_id order by abs(deviation) desc, feature
        ) as place

    from comparisons
    unpivot (
        (deviation, mean, usual) for feature in (
            {%- for feature in features %}
            (deviation_{{ feature }}, mean_{{ feature }}, usual_{{ feature }}) as {{ feature }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )
    where deviation is not null

),

main_traits as (

    select
        segment_id,
        {{ cartwise.join_text('trait', '; ', 'place') }} as traits

    from traits
    where place <= 3
    group by 1

),

named as (

    select
        segment_id,
        case when recency < -0.5 then 'recent' when recency > 0.5 then 'lapsed' else 'midway' end
            as recency_word,
        case when frequency > 0.5 then ', frequent' when frequency < -0.5 then ', rare' else '' end
            as frequency_word,
        case when money > 0.5 then ', high spend' when money < -0.5 then ', low spend' else '' end
            as money_word

    from centroids

)

select
    segment_sizes.segment_id,
    cast(segment_sizes.segment_id as {{ dbt.type_string() }})
    || ' ' || named.recency_word || named.frequency_word || named.money_word as segment_name,
    segment_sizes.count_customers,
    segment_sizes.count_customers / cast(totals.count_customers as double)
        as customer_share,
    cast(segment_sizes.total_net_amount as {{ cartwise.type_money() }}) as total_net_amount,
    cast(segment_sizes.total_net_amount as double) / nullif(totals.total_net_amount, 0)
        as revenue_share,
    segment_sizes.average_recency_days,
    segment_sizes.average_count_orders,
    segment_sizes.average_net_amount,
    segment_sizes.average_order_value,
    segment_sizes.average_gap_days,
    segment_sizes.average_discount_share,
    cast(
        cast(
            floor(100.0 * segment_sizes.count_customers / totals.count_customers + 0.5)
            as bigint
        ) as {{ dbt.type_string() }}
    ) || ' % of customers. What sets them apart: ' || main_traits.traits as description,
    as_of_date.as_of_date

from segment_sizes
cross join totals
cross join as_of_date
inner join named on segment_sizes.segment_id = named.segment_id
left join main_traits on segment_sizes.segment_id = main_traits.segment_id

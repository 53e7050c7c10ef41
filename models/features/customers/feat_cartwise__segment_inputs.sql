{%- set features = cartwise.segment_features() -%}

with

customers as (

    select * from {{ ref('cartwise', 'feat_cartwise__customers') }}

),

score_dates as (

    select cutoff_date

    from {{ ref('cartwise', 'int_cartwise__cutoffs') }}
    where is_score_date

),

sufficient_models as (

    select model

    from {{ ref('cartwise', 'feat_cartwise__customer_sufficiency') }}
    where model = 'segments'
    group by 1
    having sum(case when is_met then 0 else 1 end) = 0

),

sampled_customers as (

    select
        row_number() over (
            order by {{ cartwise.hash_share('customers.customer_id') }}, customers.customer_id
        ) as sample_id,
        customers.*

    from customers
    inner join score_dates on customers.cutoff_date = score_dates.cutoff_date
    cross join sufficient_models

)

select
    cast(sample_id as bigint) as sample_id,
    {%- for feature in features[:-1] %}
    {{ cartwise.feature_value(feature) }} as {{ feature }},
    {%- endfor %}
    {{ cartwise.feature_value(features[-1]) }} as {{ features[-1] }}

from sampled_customers
where sample_id <= 50000

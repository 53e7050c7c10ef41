{%- set features = cartwise.customer_features() -%}

with

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

scores as (

    select scores.*

    from {{ ref('cartwise', 'score_cartwise__churn') }} as scores
    inner join as_of_date on scores.cutoff_date = as_of_date.as_of_date

),

customers as (

    select customers.*

    from {{ ref('cartwise', 'feat_cartwise__customers') }} as customers
    inner join as_of_date on customers.cutoff_date = as_of_date.as_of_date

),

usual_values as (

    select
        fold_id,
        term as feature,
        {{ cartwise.feature_noun('term') }} as noun,
        case
            when
                term in {{ cartwise.word_list(
                    features.items() | selectattr('1.scale', 'equalto', 'log') | map(attribute=0)
                ) }}
                then exp(center) - 1
            else center
        end as usual_value

    from {{ ref('cartwise', 'ml_cartwise__churn_weights') }}
    where
        model = 'churn'
        and term <> 'intercept'

),

-- the words that all customers share are put together once per feature
usual_texts as (

    select
        fold_id,
        feature,
        usual_value,
        noun || ': ' as opening,
        ' (usual: ' || {{ cartwise.feature_text('feature', 'usual_value') }} || ')' as usual_text

    from usual_values

),

paired as (

    select
        scores.customer_id,
        {%- for feature, reading in features.items() %}
        {%- if reading.scale == 'flag' %}
        {{ cartwise.feature_value(feature, 'customers') }} as value_{{ feature }},
        {%- else %}
        cast(customers.{{ feature }} as double) as value_{{ feature }},
        {%- endif %}
        scores.contribution_{{ feature }},
        {%- endfor %}
        scores.fold_id,
        scores.logit > 0 as is_likely

    from scores
    inner join customers on scores.customer_id = customers.customer_id

),

reasons as (

    select
        customer_id,
        fold_id,
        is_likely,
        feature,
        feature_value,
        contribution

    from paired
    unpivot include nulls (
        (feature_value, contribution) for feature in (
            {%- for feature in features %}
            (value_{{ feature }}, contribution_{{ feature }}) as {{ feature }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    )

),

-- the reasons to expect churn are what raises the risk, and not to expect it what lowers it
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when is_likely then -contribution else contribution end nulls last,
                feature
        ) as reason_rank

    from reasons

)

select
    ranked.customer_id,
    ranked.feature,
    ranked.feature_value,
    usual_texts.usual_value,
    ranked.contribution,
    cast(ranked.reason_rank as bigint) as reason_rank,
    usual_texts.opening
    || {{ cartwise.feature_text('ranked.feature', 'ranked.feature_value') }}
    || usual_texts.usual_text
    || case
        when ranked.contribution > 0 then ' raises the risk'
        when ranked.contribution < 0 then ' lowers the risk'
        else ' does not change the risk'
    end as reason,
    as_of_date.as_of_date

from ranked
cross join as_of_date
inner join usual_texts
    on
        ranked.fold_id = usual_texts.fold_id
        and ranked.feature = usual_texts.feature

{% macro customer_weights(relation, condition) -%}
    {#- A table of weights, a row per fold and term, laid out as one row per fold: the intercept, and
        for each feature its weight per unit and its centre. One wide row scores many customers at a
        fraction of the cost of a join per feature. -#}
    select
        fold_id,
        max(case when term = 'intercept' then weight end) as intercept,
        {%- for feature in cartwise.customer_features() %}
        max(case when term = '{{ feature }}' then weight / scale end) as weight_{{ feature }},
        max(case when term = '{{ feature }}' then center end) as center_{{ feature }},
        {%- endfor %}
        count(*) as count_terms

    from {{ relation }}
    where {{ condition }}
    group by 1
{%- endmacro %}

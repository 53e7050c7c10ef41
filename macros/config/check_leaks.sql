{% macro check_leaks() %}
    {#- Runs before anything is learned: a feature that alone tells who churned is no forecast but
        knowledge of the outcome, so the build stops while the old tables are still in place. -#}
    {%- if execute -%}
        {%- set most = cartwise.sufficiency_gates().max_feature_auc -%}
        {%- set query -%}
            select feature, count_customers, greatest(auc, 1 - auc) as auc, explained_share
            from {{ ref('cartwise', 'feat_cartwise__leak_checks') }}
            where
                {{ most }} < 1
                and (greatest(auc, 1 - auc) > {{ most }} or explained_share > {{ most }})
                and exists (
                    select 1
                    from {{ ref('cartwise', 'feat_cartwise__customer_sufficiency') }}
                    where model = 'churn'
                    having min(case when is_met then 1 else 0 end) = 1
                )
            order by feature
        {%- endset -%}
        {%- set leaks = [] -%}
        {%- for feature, count_customers, auc, explained_share in run_query(query).rows -%}
            {%- do leaks.append(
                feature ~ ' (AUC ' ~ '%.3f' | format(auc | float) ~ ', '
                ~ '%.1f' | format(100 * (explained_share | float)) ~ ' % of the outcomes explained, '
                ~ count_customers ~ ' customers)'
            ) -%}
        {%- endfor -%}
        {%- if leaks -%}
            {{- exceptions.raise_compiler_error(
                "cartwise churn: the outcome leaks into " ~ leaks | length ~ " feature(s): "
                ~ leaks | join(', ') ~ ". Alone they tell who churned nearly without error, which"
                ~ " a forecast cannot: most likely the label was derived from them, or their"
                ~ " values were recorded after the outcome. Take them out of the input, or correct"
                ~ " the label (var churn_label); if it is right, raise max_feature_auc in the var"
                ~ " sufficiency_gates to 1."
            ) -}}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

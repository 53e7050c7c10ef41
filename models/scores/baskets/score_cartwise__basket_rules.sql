with

rules as (

    select * from {{ ref('cartwise', 'ml_cartwise__association_rules') }}

),

basket_totals as (

    select * from {{ ref('cartwise', 'feat_cartwise__basket_totals') }}

),

measured_rules as (

    select
        rules.*,
        rules.count_both / cast(basket_totals.count_baskets as double) as support,
        rules.count_both / cast(rules.count_antecedent as double) as confidence,
        rules.count_consequent / cast(basket_totals.count_baskets as double)
            as consequent_support,
        rules.count_antecedent / cast(basket_totals.count_baskets as double)
            as antecedent_support,
        rules.count_holdout_both
        / nullif(cast(basket_totals.count_holdout_baskets as double), 0) as holdout_support,
        rules.count_holdout_both
        / nullif(cast(rules.count_holdout_antecedent as double), 0) as holdout_confidence,
        rules.count_holdout_consequent
        / nullif(cast(basket_totals.count_holdout_baskets as double), 0)
            as holdout_consequent_support,
        {{ cartwise.wilson_lower_bound(
            'rules.count_holdout_both', 'rules.count_holdout_antecedent'
        ) }} as holdout_confidence_bound

    from rules
    cross join basket_totals

),

-- Benjamini-Hochberg within a layer, that is among rules of the same lengths, against the number
-- of rules of these lengths that the search could have found
ranked_rules as (

    select
        rule_id,
        cardinality(antecedent) as count_antecedent_items,
        cardinality(consequent) as count_consequent_items,
        p_value,
        count_tests / cast(
            count(*) over (
                partition by cardinality(antecedent), cardinality(consequent)
                order by p_value
                range between unbounded preceding and current row
            ) as double
        ) as tests_per_rank

    from rules

),

adjusted_rules as (

    select
        rule_id,
        least(
            1,
            min(p_value * tests_per_rank) over (
                partition by count_antecedent_items, count_consequent_items
                order by p_value
                range between current row and unbounded following
            )
        ) as q_value

    from ranked_rules

),

subsets as (

    {{ cartwise.proper_subsets(var('basket_max_items') - 1) }}

),

shorter_antecedents as (

    select
        rules.rule_id,
        rules.count_antecedent,
        rules.count_both,
        rules.consequent,
        {{ cartwise.array_pick('rules.antecedent', 'subsets.positions') }} as antecedent

    from rules
    inner join subsets on subsets.mask < power(2, cardinality(rules.antecedent)) - 1

),

-- a longer antecedent that predicts no better than part of it adds nothing
redundant_rules as (

    select distinct shorter_antecedents.rule_id

    from shorter_antecedents
    inner join rules
        on
            shorter_antecedents.antecedent = rules.antecedent
            and shorter_antecedents.consequent = rules.consequent
    where
        rules.count_both * shorter_antecedents.count_antecedent
        >= shorter_antecedents.count_both * rules.count_antecedent

)

select
    measured_rules.rule_id,
    measured_rules.antecedent,
    measured_rules.consequent,
    measured_rules.count_both,
    measured_rules.count_antecedent,
    measured_rules.count_consequent,
    measured_rules.support,
    measured_rules.confidence,
    measured_rules.confidence / measured_rules.consequent_support as lift,
    measured_rules.support - measured_rules.antecedent_support * measured_rules.consequent_support
        as leverage,
    (1 - measured_rules.consequent_support) / nullif(1 - measured_rules.confidence, 0)
        as conviction,
    measured_rules.p_value,
    adjusted_rules.q_value,
    redundant_rules.rule_id is not null as is_redundant,
    measured_rules.count_holdout_both,
    measured_rules.count_holdout_antecedent,
    measured_rules.holdout_support,
    measured_rules.holdout_confidence,
    measured_rules.holdout_confidence / nullif(measured_rules.holdout_consequent_support, 0)
        as holdout_lift,
    measured_rules.holdout_confidence_bound > measured_rules.holdout_consequent_support
        as is_stable

from measured_rules
inner join adjusted_rules on measured_rules.rule_id = adjusted_rules.rule_id
left join redundant_rules on measured_rules.rule_id = redundant_rules.rule_id

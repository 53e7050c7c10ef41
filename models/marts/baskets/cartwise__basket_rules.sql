with

rules as (

    select * from {{ ref('cartwise', 'score_cartwise__basket_rules') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

products as (

    select
        product_id,
        product_name

    from {{ ref('cartwise', 'int_cartwise__products') }}

),

antecedent_products as (

    {{ cartwise.explode_array('rules', 'rule_id', 'antecedent', 'product_id') }}

),

consequent_products as (

    {{ cartwise.explode_array('rules', 'rule_id', 'consequent', 'product_id') }}

),

antecedent_names as (

    select
        antecedent_products.rule_id,
        {{ cartwise.join_text('products.product_name', ' + ', 'antecedent_products.position') }}
            as antecedent_names

    from antecedent_products
    inner join products on antecedent_products.product_id = products.product_id
    group by 1

),

consequent_names as (

    select
        consequent_products.rule_id,
        {{ cartwise.join_text('products.product_name', ' + ', 'consequent_products.position') }}
            as consequent_names

    from consequent_products
    inner join products on consequent_products.product_id = products.product_id
    group by 1

)

select
    rules.rule_id,
    rules.antecedent,
    rules.consequent,
    antecedent_names.antecedent_names,
    consequent_names.consequent_names,
    rules.count_both,
    rules.count_antecedent,
    rules.count_consequent,
    rules.support,
    rules.confidence,
    rules.lift,
    rules.leverage,
    rules.conviction,
    rules.p_value,
    rules.q_value,
    rules.is_redundant,
    rules.count_holdout_both,
    rules.count_holdout_antecedent,
    rules.holdout_support,
    rules.holdout_confidence,
    rules.holdout_lift,
    rules.is_stable,
    as_of_date.as_of_date

from rules
cross join as_of_date
inner join antecedent_names on rules.rule_id = antecedent_names.rule_id
inner join consequent_names on rules.rule_id = consequent_names.rule_id

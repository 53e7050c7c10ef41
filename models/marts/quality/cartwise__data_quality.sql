with

rules as (

    select * from {{ ref('cartwise', 'cartwise_data_quality_rules') }}

),

rule_counts as (

    select * from {{ ref('cartwise', 'feat_cartwise__rule_counts') }}

),

input_sizes as (

    select * from {{ ref('cartwise', 'int_cartwise__input_sizes') }}

),

sales as (

    select sum(case when quantity > 0 then ordered_amount end) as amount
    from {{ ref('cartwise', 'int_cartwise__order_lines_checked') }}

),

-- values that could not be used are named by their columns, so they have no rule in the list
findings as (

    select
        coalesce(rules.input_name, rule_counts.input_name) as input_name,
        coalesce(rules.rule, rule_counts.rule) as rule,
        rule_counts.column_names,
        coalesce(rules.action, 'value_ignored') as action,
        coalesce(rule_counts.count_rows, 0) as count_rows,
        rule_counts.amount,
        coalesce(
            rules.description, 'The values could not be read or lay outside their range.'
        ) as description,
        coalesce(rules.remedy, 'Correct the values where they are recorded.') as remedy

    from rules
    full join rule_counts
        on
            rules.input_name = rule_counts.input_name
            and rules.rule = rule_counts.rule

)

select
    findings.input_name,
    findings.rule,
    findings.column_names,
    findings.action,
    cast(findings.count_rows as bigint) as count_rows,
    cast(input_sizes.count_rows as bigint) as count_input_rows,
    cast(
        findings.count_rows / nullif(cast(input_sizes.count_rows as double), 0) as double
    ) as row_rate,
    cast(findings.amount as {{ cartwise.type_money() }}) as amount,
    cast(findings.amount / nullif(cast(sales.amount as double), 0) as double) as amount_rate,
    findings.description,
    findings.remedy

from findings
inner join input_sizes on findings.input_name = input_sizes.input_name
cross join sales

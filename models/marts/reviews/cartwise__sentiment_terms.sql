{#- how many terms of the shop as a whole are added to those of a scope on either side -#}
{%- set prior_terms = 1000 -%}

with

product_terms as (

    select * from {{ ref('cartwise', 'score_cartwise__term_counts') }}

),

products as (

    select
        product_id,
        product_name,
        category

    from {{ ref('cartwise', 'int_cartwise__products') }}

),

as_of_date as (

    select as_of_date from {{ ref('cartwise', 'int_cartwise__as_of_date') }}

),

scope_terms as (

    select
        'shop' as scope,
        'shop' as scope_id,
        term,
        sum(count_negative) as count_negative,
        sum(count_positive) as count_positive

    from product_terms
    group by 1, 2, 3

    union all

    select
        'category' as scope,
        products.category as scope_id,
        product_terms.term,
        sum(product_terms.count_negative) as count_negative,
        sum(product_terms.count_positive) as count_positive

    from product_terms
    inner join products on product_terms.product_id = products.product_id
    where products.category is not null
    group by 1, 2, 3

    union all

    select
        'product' as scope,
        product_id as scope_id,
        term,
        count_negative,
        count_positive

    from product_terms
    where product_id is not null

),

scope_totals as (

    select
        scope,
        scope_id,
        sum(count_negative) as total_negative,
        sum(count_positive) as total_positive

    from scope_terms
    group by 1, 2

),

-- how common a term is in the shop says what to expect of a scope with few reviews
priors as (

    select
        term,
        weight,
        {{ prior_terms }} * sum(count_negative + count_positive)
        / cast(sum(sum(count_negative + count_positive)) over () as double) as prior_count

    from product_terms
    group by 1, 2

),

smoothed as (

    select
        scope_terms.*,
        priors.weight,
        scope_totals.total_negative + {{ prior_terms }} as smoothed_total_negative,
        scope_totals.total_positive + {{ prior_terms }} as smoothed_total_positive,
        scope_terms.count_negative + priors.prior_count as smoothed_negative,
        scope_terms.count_positive + priors.prior_count as smoothed_positive

    from scope_terms
    inner join scope_totals
        on
            scope_terms.scope = scope_totals.scope
            and scope_terms.scope_id = scope_totals.scope_id
    inner join priors on scope_terms.term = priors.term
    where scope_terms.count_negative + scope_terms.count_positive >= 3

),

-- Monroe, Colaresi and Quinn (2008): log-odds ratio with an informative Dirichlet prior
log_odds as (

    select
        *,
        ln(smoothed_positive / (smoothed_total_positive - smoothed_positive))
        - ln(smoothed_negative / (smoothed_total_negative - smoothed_negative)) as log_odds,
        sqrt(1 / smoothed_positive + 1 / smoothed_negative) as standard_error

    from smoothed

),

ranked as (

    select
        *,
        log_odds / standard_error as z_score,
        case when log_odds > 0 then 'up' else 'down' end as direction,
        row_number() over (
            partition by scope, scope_id, log_odds > 0
            order by abs(log_odds / standard_error) desc, term
        ) as term_rank

    from log_odds
    where abs(log_odds / standard_error) >= 1.96

)

select
    ranked.scope,
    ranked.scope_id,
    case when ranked.scope = 'product' then products.product_name end as product_name,
    ranked.direction,
    cast(ranked.term_rank as bigint) as term_rank,
    ranked.term,
    cast(ranked.count_negative as bigint) as count_negative,
    cast(ranked.count_positive as bigint) as count_positive,
    ranked.log_odds,
    ranked.z_score,
    ranked.weight,
    as_of_date.as_of_date

from ranked
cross join as_of_date
left join products
    on
        ranked.scope = 'product'
        and ranked.scope_id = products.product_id
where ranked.term_rank <= 20

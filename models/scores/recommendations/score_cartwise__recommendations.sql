{%- set features = cartwise.blend_features() -%}
{%- set relations = ['also_bought', 'bought_next', 'viewed_together', 'similar'] -%}

with

candidates as (

    select * from {{ ref('cartwise', 'score_cartwise__candidates') }}
    where {{ cartwise.in_part('customer_number') }}

),

roles as (

    select distinct
        cutoff_number,
        role

    from {{ ref('cartwise', 'feat_cartwise__recommendation_customers') }}

),

-- what was learned at one date serves the next: its window must have passed
weights as (

    select
        roles.cutoff_number,
        max(case when blend.term = 'intercept' then blend.weight end) as intercept,
        {%- for strategy, measures in features.items() %}
        {%- for measure in measures %}
        {%- set feature = strategy ~ '__' ~ measure %}
        max(case when blend.term = '{{ feature }}' then blend.weight end) as weight_{{ feature }},
        max(case when blend.term = '{{ feature }}' then blend.center end) as center_{{ feature }},
        {%- endfor %}
        {%- endfor %}
        count(*) as count_terms

    from roles
    inner join roles as learning_roles
        on
            (roles.role = 'score' and learning_roles.role = 'test')
            or (roles.role = 'test' and learning_roles.role = 'train')
    inner join {{ ref('cartwise', 'ml_cartwise__blend_weights') }} as blend
        on learning_roles.cutoff_number = blend.cutoff_number
    group by 1

),

served_roles as (

    select
        roles.cutoff_number,
        roles.role

    from roles
    left join weights on roles.cutoff_number = weights.cutoff_number
    where
        roles.role = 'score'
        or weights.count_terms is not null

),

scored as (

    select
        candidates.cutoff_number,
        candidates.customer_number,
        candidates.product_number,
        candidates.buy_again__recency,
        candidates.viewed__recency,
        candidates.viewed_together__score,
        candidates.segment__share,
        candidates.popular__share,
        candidates.similar__score,
        candidates.is_new,
        case
            when not candidates.is_first_purchase
                then
                    weights.intercept
                    {%- for strategy, measures in features.items() %}
                    {%- for measure in measures %}
                    {%- set feature = strategy ~ '__' ~ measure %}
                    + weights.weight_{{ feature }} * candidates.{{ feature }}
                    {%- endfor %}
                    {%- endfor %}
        end as log_odds

    from candidates
    inner join served_roles on candidates.cutoff_number = served_roles.cutoff_number
    left join weights on candidates.cutoff_number = weights.cutoff_number

),

-- a blend of what buyers do says nothing of those who have not bought: they get what they looked
-- at, then what their country buys, then what all do. The same order of strategies serves buyers
-- as long as no blend was learned
placed as (

    select
        cutoff_number,
        customer_number,
        product_number,
        log_odds,
        row_number() over (
            partition by cutoff_number, customer_number
            order by
                round(log_odds, 9) desc nulls last,
                buy_again__recency desc,
                viewed__recency desc,
                viewed_together__score desc,
                segment__share desc,
                popular__share desc,
                product_number asc
        ) as place

    from scored

),

first_ten as (

    select * from placed
    where place <= 10

),

-- nobody has bought a new product yet, so no blend would ever propose it: the last place of a list
-- goes to the one most like what the customer buys
newcomers as (

    select
        cutoff_number,
        customer_number,
        product_number,
        log_odds,
        row_number() over (
            partition by cutoff_number, customer_number
            order by similar__score desc, popular__share desc, product_number asc
        ) as place

    from scored
    where
        is_new
        and similar__score > 0

),

listed_newcomers as (

    select newcomers.*

    from newcomers
    left join first_ten
        on
            newcomers.cutoff_number = first_ten.cutoff_number
            and newcomers.customer_number = first_ten.customer_number
            and newcomers.product_number = first_ten.product_number
    where
        newcomers.place = 1
        and first_ten.place is null

),

listed as (

    select
        first_ten.*,
        false as is_newcomer

    from first_ten
    left join listed_newcomers
        on
            first_ten.cutoff_number = listed_newcomers.cutoff_number
            and first_ten.customer_number = listed_newcomers.customer_number
    where
        first_ten.place < 10
        or listed_newcomers.place is null

    union all

    select
        cutoff_number,
        customer_number,
        product_number,
        log_odds,
        10 as place,
        true as is_newcomer

    from listed_newcomers

),

-- what a strategy adds to the log odds, beside what it adds for a usual candidate
contributions as (

    select
        candidates.*,
        served_roles.role,
        listed.log_odds,
        listed.place,
        {%- for strategy, measures in features.items() %}
        0.0
        {%- for measure in measures %}
        {%- set feature = strategy ~ '__' ~ measure %}
        + weights.weight_{{ feature }} * (candidates.{{ feature }} - weights.center_{{ feature }})
        {%- endfor %} as {{ strategy }}_contribution,
        {%- endfor %}
        listed.is_newcomer

    from candidates
    inner join listed
        on
            candidates.cutoff_number = listed.cutoff_number
            and candidates.customer_number = listed.customer_number
            and candidates.product_number = listed.product_number
    inner join served_roles on candidates.cutoff_number = served_roles.cutoff_number
    left join weights on candidates.cutoff_number = weights.cutoff_number

),

-- a strategy can only give the reason where it proposed the product
claims as (

    select
        {%- for strategy in features %}
        case
            when
                {% for measure in features[strategy] -%}
                {{ strategy }}__{{ measure }} > 0
                {{- ' or ' if not loop.last }}
                {%- endfor %}
                then case when log_odds is null then 0.0 else {{ strategy }}_contribution end
        end as {{ strategy }}_claim,
        {%- endfor %}
        *

    from contributions

),

reasons as (

    select
        *,
        greatest(
            {%- for strategy in features %}
            {{ strategy }}_claim,
            {%- endfor %}
            null
        ) as best_claim

    from claims

)

select
    cutoff_number,
    role,
    customer_number,
    product_number,
    place,
    1 / (1 + exp(-log_odds)) as probability,
    log_odds,
    case
        when is_newcomer then 'similar'
        {%- for strategy in features %}
        when {{ strategy }}_claim = best_claim then '{{ strategy }}'
        {%- endfor %}
        else 'popular'
    end as strategy,
    {%- for relation in relations %}
    {{ relation }}_source_number,
    {%- endfor %}
    buy_again__is_bought > 0 as is_bought

from reasons

{%- set features = cartwise.blend_features() -%}
{%- set relations = ['also_bought', 'bought_next', 'viewed_together', 'similar'] -%}

with

candidates as (

    select * from {{ ref('cartwise', 'score_cartwise__candidates') }}

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

-- what a strategy adds to the log odds, beside what it adds for a usual candidate
contributions as (

    select
        candidates.*,
        served_roles.role,
        {%- for strategy, measures in features.items() %}
        0.0
        {%- for measure in measures %}
        {%- set feature = strategy ~ '__' ~ measure %}
        + weights.weight_{{ feature }} * (candidates.{{ feature }} - weights.center_{{ feature }})
        {%- endfor %} as {{ strategy }}_contribution,
        {%- endfor %}
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
        *,
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
        ) as place,
        row_number() over (
            partition by cutoff_number, customer_number
            order by
                case when is_new then similar__score else 0 end desc,
                popular__share desc,
                product_number asc
        ) as newcomer_place

    from contributions

),

-- nobody has bought a new product yet, so no blend would ever propose it: the last place of a list
-- goes to the one most like what the customer buys
newcomers as (

    select
        *,
        max(
            case
                when is_new and similar__score > 0 and newcomer_place = 1 and place > 10 then 1
                else 0
            end
        ) over (partition by cutoff_number, customer_number) as count_newcomers

    from placed

),

listed as (

    select
        *,
        place > 10 as is_newcomer,
        least(place, 10) as list_place

    from newcomers
    where
        place <= 10 - count_newcomers
        or (
            count_newcomers = 1
            and newcomer_place = 1
        )

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

    from listed

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
    list_place as place,
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

-- Shares lie in 0-1, a rule holds no more baskets than either of its sides, and lift and leverage
-- agree.
select rule_id
from {{ ref('cartwise', 'cartwise__basket_rules') }}
where
    support not between 0 and 1
    or confidence not between support and 1
    or p_value not between 0 and 1
    or q_value not between p_value and 1
    or count_both > least(count_antecedent, count_consequent)
    or count_holdout_both > count_holdout_antecedent
    or (lift > 1.000001 and leverage <= 0)
    or (lift < 0.999999 and leverage >= 0)

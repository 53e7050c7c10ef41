-- numbers only: a learner would hold every word of every product in memory
select
    product_number,
    term_number,
    weight

from {{ ref('cartwise', 'feat_cartwise__product_terms') }}

-- One row per topic, language and term: those of cartwise and a topic of this shop, another product
-- in the parcel than was ordered, or one too few
select
    topic,
    language,
    term

from {{ ref('cartwise', 'cartwise_topic_terms') }}

union all

select
    'wrong_item' as topic,
    'pt' as language,
    unnest(['errado', 'errada', 'faltando']) as term

with

labels as (

    select
        review_id,
        topic,
        label_source,
        count(*) over (partition by topic) as count_texts

    from {{ ref('cartwise', 'feat_cartwise__topic_labels') }}
    where is_learned_from

),

texts as (

    select
        review_id,
        token_text,
        fold

    from {{ ref('cartwise', 'feat_cartwise__review_texts') }}

),

sufficiency as (

    select min(case when is_met then 1 else 0 end) = 1 as is_sufficient

    from {{ ref('cartwise', 'feat_cartwise__review_sufficiency') }}
    where model = 'topics'

),

labelled_texts as (

    select
        labels.review_id,
        coalesce({{ cartwise.join_text('labels.topic', '|', order_by='labels.topic') }}, '')
            as topics,
        max(labels.label_source) as label_source

    from labels
    cross join sufficiency
    where
        sufficiency.is_sufficient
        and (
            labels.count_texts >= 30
            or labels.topic is null
        )
    group by 1

)

select
    labelled_texts.review_id,
    texts.token_text,
    texts.fold,
    labelled_texts.topics,
    labelled_texts.label_source

from labelled_texts
inner join texts on labelled_texts.review_id = texts.review_id

with

reviews as (

    select
        review_id,
        rating_sentiment,
        text_sentiment,
        language,
        1 - negative_probability as good_probability

    from {{ ref('cartwise', 'score_cartwise__reviews') }}
    where
        rating_sentiment is not null
        and text_sentiment is not null

),

sentiments as (

    {% for sentiment in ['negative', 'neutral', 'positive'] -%}
    select '{{ sentiment }}' as sentiment
    {% if not loop.last %}union all
    {% endif %}
    {%- endfor %}

),

-- all rated texts, and those of each language with enough of them
languages as (

    select
        cast(null as {{ dbt.type_string() }}) as language,
        'all languages' as fold_id

    union all

    select
        language,
        language as fold_id

    from reviews
    group by 1
    having count(*) >= 100

),

sliced_reviews as (

    select
        languages.fold_id,
        reviews.review_id,
        reviews.rating_sentiment,
        reviews.text_sentiment,
        rank() over (partition by languages.fold_id order by reviews.good_probability)
        + (
            count(*) over (partition by languages.fold_id, reviews.good_probability) - 1
        ) / 2.0 as average_rank

    from reviews
    inner join languages
        on
            languages.language is null
            or reviews.language = languages.language

),

classified_reviews as (

    select
        sliced_reviews.fold_id,
        sliced_reviews.average_rank,
        sentiments.sentiment,
        case when sliced_reviews.rating_sentiment = sentiments.sentiment then 1 else 0 end
            as is_true,
        case when sliced_reviews.text_sentiment = sentiments.sentiment then 1 else 0 end
            as is_found

    from sliced_reviews
    cross join sentiments

),

sentiment_counts as (

    select
        fold_id,
        sentiment,
        count(*) as count_rows,
        sum(is_true) as count_true,
        sum(is_found) as count_found,
        sum(is_true * is_found) as count_right,
        sum(is_true * average_rank) as total_rank

    from classified_reviews
    group by 1, 2
    having sum(is_true) > 0

),

sentiment_measures as (

    select
        fold_id,
        max(count_rows) as count_rows,
        cast(sum(count_right) as double) / max(count_rows) as accuracy,
        -- what calling every text by the commonest sentiment comes to
        cast(max(count_true) as double) / max(count_rows) as accuracy_baseline,
        {{ cartwise.stable_avg('2.0 * count_right / (count_true + count_found)') }} as macro_f1,
        2.0 * max(count_true) / (max(count_true) + max(count_rows)) / count(*)
            as macro_f1_baseline,
        -- Mann and Whitney (1947): positive or neutral texts above negative ones
        1 - (
            max(case when sentiment = 'negative' then total_rank end)
            - max(case when sentiment = 'negative' then count_true * (count_true + 1) / 2.0 end)
        )
        / nullif(
            max(case when sentiment = 'negative' then count_true * (count_rows - count_true) end), 0
        ) as auc,
        cast(0.5 as double) as auc_baseline

    from sentiment_counts
    group by 1

),

sentiment_metrics as (

    select
        'sentiment' as model,
        fold_id,
        metric,
        metric_value,
        baseline_value,
        case when metric = 'auc' then 'chance' else 'commonest sentiment' end as baseline,
        count_rows

    from sentiment_measures
    unpivot include nulls (
        (metric_value, baseline_value) for metric in (
            (accuracy, accuracy_baseline) as accuracy,
            (macro_f1, macro_f1_baseline) as macro_f1,
            (auc, auc_baseline) as auc
        )
    )

),

topic_truth as (

    select
        examples.review_id,
        labels.topic

    from {{ ref('cartwise', 'feat_cartwise__topic_examples') }} as examples
    inner join {{ ref('cartwise', 'feat_cartwise__topic_labels') }} as labels
        on examples.review_id = labels.review_id
    where labels.is_learned_from

),

topic_terms as (

    select
        review_id,
        topic

    from {{ ref('cartwise', 'feat_cartwise__topic_labels') }}
    where label_source = 'terms'

),

topic_tests as (

    select
        scores.topic,
        scores.probability >= 0.5 as is_found,
        topic_truth.topic is not null as is_true,
        topic_terms.topic is not null as has_term

    from {{ ref('cartwise', 'score_cartwise__topic_tests') }} as scores
    left join topic_truth
        on
            scores.review_id = topic_truth.review_id
            and scores.topic = topic_truth.topic
    left join topic_terms
        on
            scores.review_id = topic_terms.review_id
            and scores.topic = topic_terms.topic

),

topic_counts as (

    select
        topic,
        count(*) as count_rows,
        sum(case when is_true then 1 else 0 end) as count_true,
        sum(case when is_found then 1 else 0 end) as count_found,
        sum(case when is_true and is_found then 1 else 0 end) as count_right,
        sum(case when has_term then 1 else 0 end) as count_term,
        sum(case when is_true and has_term then 1 else 0 end) as count_term_right

    from topic_tests
    group by 1
    having sum(case when is_true then 1 else 0 end) > 0

),

label_sources as (

    select max(label_source) as label_source

    from {{ ref('cartwise', 'feat_cartwise__topic_examples') }}

),

topic_measures as (

    select
        label_sources.label_source,
        max(topic_counts.count_rows) as count_rows,
        {{ cartwise.stable_avg('2.0 * count_right / (count_true + count_found)') }} as macro_f1,
        -- the list of terms is what one would otherwise use; where it is the truth itself, and is
        -- hidden, the best that is left is to call every text by every topic
        case
            when label_sources.label_source = 'input'
                then {{ cartwise.stable_avg('2.0 * count_term_right / (count_true + count_term)') }}
            else {{ cartwise.stable_avg('2.0 * count_true / (count_true + count_rows)') }}
        end as macro_f1_baseline

    from topic_counts
    cross join label_sources
    group by 1

),

topic_metrics as (

    select
        'topics' as model,
        'held out' as fold_id,
        'macro_f1' as metric,
        macro_f1 as metric_value,
        macro_f1_baseline as baseline_value,
        case when label_source = 'input' then 'list of terms' else 'every topic' end as baseline,
        count_rows

    from topic_measures

),

-- share of the months of products in which an alert came up though nothing had changed
alert_metrics as (

    select
        'topics' as model,
        'shuffled months' as fold_id,
        'false_alarm_rate' as metric,
        sum(case when months.has_alert then 1 else 0 end) / cast(count(*) as double)
            as metric_value,
        cast(0.01 as double) as baseline_value,
        'intended' as baseline,
        count(*) as count_rows

    from (
        select
            product_id,
            review_month,
            max(case when is_alert then 1 else 0 end) = 1 as has_alert

        from {{ ref('cartwise', 'score_cartwise__theme_months') }}
        where scenario = 'shuffled'
        group by 1, 2
    ) as months
    having count(*) > 0

)

select * from sentiment_metrics
union all
select * from topic_metrics
union all
select * from alert_metrics

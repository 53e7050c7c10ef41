{%- set features = cartwise.customer_features() -%}

with

groups as (

    select distinct example_group

    from {{ ref('cartwise', 'int_cartwise__folds') }}
    where
        model = 'churn'
        and role in ('train', 'calibrate')

),

examples as (

    select examples.*

    from {{ ref('cartwise', 'feat_cartwise__customer_examples') }} as examples
    inner join groups on examples.example_group = groups.example_group
    where examples.sample_id <= 200000

),

feature_values as (

    select
        feature,
        -- whether a value is known at all can tell the outcome, too
        coalesce(feature_value, -1e300) as feature_value,
        count(feature_value) as count_known,
        sum(is_churned) as count_churned,
        sum(1 - is_churned) as count_kept

    from examples
    unpivot include nulls (feature_value for feature in ({{ features | join(', ') }}))
    group by 1, 2

),

running_values as (

    select
        *,
        sum(count_churned + count_kept) over (
            partition by feature order by feature_value
            rows between unbounded preceding and current row
        ) - count_churned - count_kept as count_below,
        sum(count_kept) over (
            partition by feature order by feature_value
            rows between unbounded preceding and current row
        ) - count_kept as count_kept_below,
        sum(count_churned) over (partition by feature) as total_churned,
        sum(count_kept) over (partition by feature) as total_kept

    from feature_values

),

-- at most a hundred ranges of values, of at least twenty customers each on average
value_bins as (

    select
        feature,
        floor(
            count_below * least(100, (total_churned + total_kept) / 20)
            / (total_churned + total_kept)
        ) as bin,
        sum(count_known) as count_known,
        max(total_churned) as total_churned,
        max(total_kept) as total_kept,
        sum(count_churned) as count_churned,
        sum(count_kept) as count_kept,
        sum(count_churned * (count_kept_below + count_kept / 2)) as count_pairs

    from running_values
    group by 1, 2

)

select
    feature,
    cast(max(total_churned + total_kept) as bigint) as count_customers,
    sum(count_pairs) / nullif(max(total_churned) * max(total_kept), 0) as auc,
    1 - sum(least(count_churned, count_kept))
    / nullif(least(max(total_churned), max(total_kept)), 0) as explained_share

from value_bins
group by 1
having sum(count_known) > 0

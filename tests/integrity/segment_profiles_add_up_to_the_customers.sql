-- A profile counts the customers of its segment and their money, and the shares make a whole.
with

members as (

    select
        segments.segment_id,
        count(*) as count_customers,
        sum(features.total_net_amount) as total_net_amount

    from {{ ref('cartwise', 'cartwise__customer_segments') }} as segments
    inner join {{ ref('cartwise', 'feat_cartwise__customers') }} as features
        on
            segments.customer_id = features.customer_id
            and segments.as_of_date = features.cutoff_date
    where segments.segment_id is not null
    group by 1

),

profiles as (

    select * from {{ ref('cartwise', 'cartwise__segment_profiles') }}

),

totals as (

    select
        sum(customer_share) as customer_share,
        sum(revenue_share) as revenue_share

    from profiles

)

select
    coalesce(members.segment_id, profiles.segment_id) as segment_id,
    members.count_customers as count_members,
    profiles.count_customers,
    members.total_net_amount as members_net_amount,
    profiles.total_net_amount

from members
full outer join profiles on members.segment_id = profiles.segment_id
where
    members.segment_id is null
    or profiles.segment_id is null
    or members.count_customers <> profiles.count_customers
    or members.total_net_amount <> profiles.total_net_amount

union all

select
    null as segment_id,
    null as count_members,
    null as count_customers,
    null as members_net_amount,
    null as total_net_amount

from totals
where
    abs(customer_share - 1) > 1e-9
    or abs(revenue_share - 1) > 1e-9

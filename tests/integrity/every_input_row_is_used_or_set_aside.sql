-- Nothing is lost silently: the rows of an input are the rows in its mart plus those set aside.
with

input_sizes as (

    select * from {{ ref('cartwise', 'int_cartwise__input_sizes') }}

),

set_aside as (

    select
        input_name,
        count(*) as count_rows

    from {{ ref('cartwise', 'int_cartwise__set_aside_rows') }}
    group by 1

),

used as (

    select
        'orders' as input_name,
        count(*) as count_rows
    from {{ ref('cartwise', 'cartwise__orders') }}
    union all
    select
        'order_lines' as input_name,
        count(*) as count_rows
    from {{ ref('cartwise', 'cartwise__order_lines') }}
    union all
    select
        'products' as input_name,
        count(*) as count_rows
    from {{ ref('cartwise', 'cartwise__products') }}
    where not is_inferred
    union all
    select
        'customers' as input_name,
        count(*) as count_rows
    from {{ ref('cartwise', 'int_cartwise__customer_identities') }}
    where has_master_row

)

select
    input_sizes.input_name,
    input_sizes.count_rows as count_input_rows,
    used.count_rows as count_used_rows,
    set_aside.count_rows as count_set_aside_rows

from input_sizes
inner join used on input_sizes.input_name = used.input_name
left join set_aside on input_sizes.input_name = set_aside.input_name
where input_sizes.count_rows <> used.count_rows + coalesce(set_aside.count_rows, 0)

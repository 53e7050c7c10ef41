-- One row per stock code, named by its most frequent description
with

described_codes as (

    select
        stock_code,
        description,
        count(*) as count_lines

    from {{ ref('invoice_lines') }}
    group by 1, 2

)

select
    stock_code as product_id,
    coalesce(
        max_by(description, (count_lines, description)) filter (where description is not null), stock_code
    ) as name,
    case when not regexp_matches(stock_code, '^([0-9]{5}|DCGS|SP[0-9]|PADS)') then 'service' end
        as category

from described_codes
group by 1

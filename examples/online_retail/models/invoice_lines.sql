-- One row per line of the two raw files, which overlap in the first nine days of December 2010
with

year_2009_2010 as (

    select * from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/online_retail_ii/year_2009_2010.parquet')
    where invoice_date < timestamp '2010-12-01'

),

year_2010_2011 as (

    select * from read_parquet('{{ env_var("CARTWISE_SHARED_DATA") }}/online_retail_ii/year_2010_2011.parquet')

),

invoice_lines as (

    select * from year_2009_2010
    union all
    select * from year_2010_2011

)

select
    invoice,
    upper(trim(stock_code)) as stock_code,
    nullif(lower(trim(description)), 'nan') as description,
    quantity,
    invoice_date,
    cast(price as decimal(18, 4)) as price,
    cast(customer_id as varchar) as customer_id,
    country

from invoice_lines
-- bookkeeping entries and tests are no trade with a customer
where
    not regexp_matches(
        upper(trim(stock_code)), '^(AMAZONFEE|BANK CHARGES|CRUK|ADJUST.*|TEST.*)$'
    )

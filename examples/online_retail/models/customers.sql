-- One row per customer, with the country of the latest invoice
select
    customer_id,
    max_by(country, (invoice_date, country)) as country

from {{ ref('invoice_lines') }}
where customer_id is not null
group by 1

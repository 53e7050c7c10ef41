-- One row per invoice line. The files repeat some lines; they carry no key to tell a mistake from a
-- second scan, so all are kept.
select
    invoice as order_id,
    stock_code as product_id,
    quantity,
    price as unit_price

from {{ ref('invoice_lines') }}

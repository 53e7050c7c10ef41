-- One row per invoice. A credit note (C...) is an order of negative quantities.
select
    invoice as order_id,
    max(customer_id) as customer_id,
    -- 83 invoices run over the turn of a minute
    min(invoice_date) as ordered_at,
    'completed' as status

from {{ ref('invoice_lines') }}
group by 1

select
    account as customer_id,
    mail as email,
    country,
    since as signed_up_at

from {{ ref('shop_accounts') }}

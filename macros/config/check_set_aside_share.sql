{% macro check_set_aside_share() %}
    {#- Runs before the amounts are computed, which every mart reads: stops the build while the old
        marts are still in place when too much of the input cannot be used. What the var
        as_of_date leaves out on purpose is no part of it. -#}
    {%- if execute -%}
        {%- set limit = var('max_set_aside_share') -%}
        {%- set orders = ref('cartwise', 'int_cartwise__orders_checked') -%}
        {%- set order_lines = ref('cartwise', 'int_cartwise__order_lines_checked') -%}
        {#- A line whose price is unusable has no revenue to compare, so rows are looked at too. -#}
        {{- cartwise._check_share_of('orders', 'count(*)', 'rows', orders, limit) -}}
        {{- cartwise._check_share_of('order_lines', 'count(*)', 'rows', order_lines, limit) -}}
        {{- cartwise._check_share_of(
            'order_lines', 'sum(abs(coalesce(ordered_amount, 0)))', 'revenue', order_lines, limit
        ) -}}
        {#- lines without a usable price or quantity have no revenue to be a share of -#}
        {{- cartwise._check_share_of(
            'order_lines', 'count(*)', 'rows', ref('cartwise', 'int_cartwise__order_lines_checked'),
            limit
        ) -}}
    {%- endif -%}
{% endmacro %}

{% macro _check_share_of(input, measure, unit, relation, limit) %}
    {%- set query -%}
        select
            set_aside_reason,
            count(*) as count_rows,
            coalesce({{ measure }}, 0) as measure
        from {{ relation }}
        where coalesce(set_aside_reason, '') <> 'after_as_of_date'
        group by 1
        order by 1
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- set sums = namespace(all=0, aside=0) -%}
    {%- set reasons = [] -%}
    {%- for reason, count_rows, value in rows -%}
        {%- set sums.all = sums.all + (value | float) -%}
        {%- if reason -%}
            {%- set sums.aside = sums.aside + (value | float) -%}
            {%- do reasons.append(reason ~ ' (' ~ count_rows ~ ' rows)') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if sums.all > 0 and sums.aside > limit * sums.all -%}
        {%- set examples = cartwise._examples(
            "select distinct order_id from " ~ relation ~ " where order_id is not null and "
            ~ "set_aside_reason is not null and set_aside_reason <> 'after_as_of_date'"
        ) -%}
        {{- exceptions.raise_compiler_error(
            "cartwise input `" ~ input ~ "`: " ~ '%.1f' | format(100 * sums.aside / sums.all)
            ~ " % of its " ~ unit ~ " would be set aside, more than the "
            ~ '%.1f' | format(100 * limit) ~ " % that the var max_set_aside_share allows. Reasons: "
            ~ reasons | join(', ') ~ "; for example the orders " ~ examples
            ~ ". The rows are in int_cartwise__orders_checked and int_cartwise__order_lines_checked"
            ~ " (set_aside_reason). Mend the input, name more statuses in sale_statuses or"
            ~ " no_sale_statuses, or raise the var."
        ) -}}
    {%- endif -%}
{% endmacro %}

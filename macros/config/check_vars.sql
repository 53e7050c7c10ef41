{% macro check_vars() %}
    {#- Runs once before anything is built: a var of the wrong type or range is refused by name. -#}
    {%- if execute -%}
        {%- do cartwise._check_share('max_set_aside_share', 0, 1) -%}
        {%- do cartwise._check_share('basket_min_support', 0.000001, 1) -%}
        {%- do cartwise._check_share('basket_min_confidence', 0, 1) -%}
        {%- do cartwise._check_share('basket_holdout_share', 0, 0.9) -%}
        {%- do cartwise._check_integer('basket_max_items', 2, 10) -%}
        {%- do cartwise._check_integer('basket_max_products', 2, 10000) -%}
        {%- do cartwise._check_words('sale_statuses') -%}
        {%- do cartwise._check_words('no_sale_statuses') -%}
        {%- do cartwise._check_words('service_categories') -%}
        {%- if var('merge_customers_by_email') not in (true, false) -%}
            {%- do cartwise._refuse_var('merge_customers_by_email', 'true or false') -%}
        {%- endif -%}
        {%- do cartwise._check_date('as_of_date') -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_share(name, least, most) %}
    {%- set value = var(name) -%}
    {%- if value is not number or value is boolean or not (least <= value <= most) -%}
        {%- do cartwise._refuse_var(name, 'a number from ' ~ least ~ ' to ' ~ most) -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_integer(name, least, most) %}
    {%- set value = var(name) -%}
    {%- if value is not integer or value is boolean or value < least or value > most -%}
        {%- do cartwise._refuse_var(name, 'a whole number from ' ~ least ~ ' to ' ~ most) -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_words(name) %}
    {#- These words become SQL literals. -#}
    {%- set value = var(name) -%}
    {%- set expected = 'a list of words of letters, digits, spaces, - and _' -%}
    {%- if value is string or value is not iterable -%}
        {%- do cartwise._refuse_var(name, expected) -%}
    {%- endif -%}
    {%- for word in value -%}
        {%- if not modules.re.match('^[\w -]+$', word | string) -%}
            {%- do cartwise._refuse_var(name, expected) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro _check_date(name) %}
    {#- A day past the end of its month, 2025-02-30, would fall into the next. -#}
    {%- set value = var(name) -%}
    {%- if value -%}
        {%- set expected = 'a date written YYYY-MM-DD' -%}
        {%- set parts = modules.re.match(
            '^([1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', value | string
        ) -%}
        {%- if not parts -%}
            {%- do cartwise._refuse_var(name, expected) -%}
        {%- endif -%}
        {%- set year, month, day = parts.groups() -%}
        {%- set first_day = modules.datetime.date(year | int, month | int, 1) -%}
        {%- set same_day = first_day + modules.datetime.timedelta(days=day | int - 1) -%}
        {%- if same_day.month != month | int -%}
            {%- do cartwise._refuse_var(name, expected) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro _refuse_var(name, expected) %}
    {{- exceptions.raise_compiler_error(
        "cartwise var `" ~ name ~ "` is " ~ var(name) ~ ", but must be " ~ expected
        ~ ". Set it under vars in dbt_project.yml or with --vars."
    ) -}}
{% endmacro %}

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
        {%- if var('data_path') is not none and (var('data_path') is not string or not var('data_path')) -%}
            {%- do cartwise._refuse_var('data_path', 'the path of a folder') -%}
        {%- endif -%}
        {%- do cartwise._check_integer('churn_horizon_days', 7, 730) -%}
        {%- if var('churn_label') not in ('orders', 'input') -%}
            {%- do cartwise._refuse_var('churn_label', 'orders or input') -%}
        {%- endif -%}
        {%- do cartwise._check_segment_counts() -%}
        {%- do cartwise._check_gates() -%}
        {%- do cartwise._check_ratings() -%}
        {%- do cartwise._check_lookups() -%}
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

{% macro _check_segment_counts() %}
    {%- set value = var('segment_counts') -%}
    {%- set expected = 'a list of two whole numbers from 2 to 10, the fewest and the most segments' -%}
    {%- if value is string or value is not iterable or value | list | length != 2 -%}
        {%- do cartwise._refuse_var('segment_counts', expected) -%}
    {%- endif -%}
    {%- for count in value if count is not integer or count is boolean -%}
        {%- do cartwise._refuse_var('segment_counts', expected) -%}
    {%- endfor -%}
    {%- if not (2 <= value[0] <= value[1] <= 10) -%}
        {%- do cartwise._refuse_var('segment_counts', expected) -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_gates() %}
    {%- set value = var('sufficiency_gates') -%}
    {%- set known = cartwise.sufficiency_gates(with_var=false).keys() -%}
    {%- set expected = 'a mapping of gates to numbers of at least 0; gates are ' ~ known | join(', ') -%}
    {%- if value is not mapping -%}
        {%- do cartwise._refuse_var('sufficiency_gates', expected) -%}
    {%- endif -%}
    {%- for gate, least in value.items() -%}
        {%- if gate not in known or least is not number or least is boolean or least < 0 -%}
            {%- do cartwise._refuse_var('sufficiency_gates', expected) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro _check_ratings() %}
    {%- set value = var('sentiment_ratings') -%}
    {%- set expected = 'a list of two whole numbers from 1 to 5, the most stars of a negative review '
        ~ 'and, above it, the fewest of a positive one' -%}
    {%- if value is string or value is not iterable or value | list | length != 2 -%}
        {%- do cartwise._refuse_var('sentiment_ratings', expected) -%}
    {%- endif -%}
    {%- for stars in value if stars is not integer or stars is boolean -%}
        {%- do cartwise._refuse_var('sentiment_ratings', expected) -%}
    {%- endfor -%}
    {%- if not (1 <= value[0] < value[1] <= 5) -%}
        {%- do cartwise._refuse_var('sentiment_ratings', expected) -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_lookups() %}
    {%- set value = var('lookups') -%}
    {%- set known = ['rfm_segments', 'topic_terms', 'language_words', 'reply_templates'] -%}
    {%- set expected = 'a mapping of lookups to relations; lookups are ' ~ known | join(', ') -%}
    {%- if value is not mapping or value.keys() | reject('in', known) | list
        or value.values() | reject('string') | list -%}
        {%- do cartwise._refuse_var('lookups', expected) -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_relation(name, relation) %}
    {#- This becomes SQL. It may be whatever a select can read from, but no statement of its own. An
        input's var is looked at when the input is read: here a ref of an ephemeral model is refused. -#}
    {%- if relation is not string or modules.re.search(';|--|/[*]', relation) -%}
        {%- do cartwise._refuse_var(name, 'a relation, such as "{{ ref(\'my_project\', \'my_orders\') }}"') -%}
    {%- endif -%}
{% endmacro %}

{% macro _refuse_var(name, expected) %}
    {{- exceptions.raise_compiler_error(
        "cartwise var `" ~ name ~ "` is " ~ var(name) ~ ", but must be " ~ expected
        ~ ". Set it under vars in dbt_project.yml or with --vars."
    ) -}}
{% endmacro %}

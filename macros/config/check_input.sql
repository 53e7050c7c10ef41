{% macro check_input(input) %}
    {#- Runs before a staging model is built. Stops the build, while the old tables are still in
        place, when the input cannot be used at all: it is missing, lacks a required column, repeats
        a key, or holds dates that cannot be read. -#}
    {%- if execute -%}
        {%- set relation = cartwise.input_relation(input) -%}
        {%- if relation is none -%}
            {%- if model.config.meta.required -%}
                {{- cartwise._raise_missing_input(input) -}}
            {%- endif -%}
        {%- else -%}
            {{- cartwise._check_csv_lines(input, relation) -}}
            {%- set present = cartwise.input_columns(relation) -%}
            {{- cartwise._check_required_columns(input, relation, present) -}}
            {{- cartwise._check_dates(input, relation, present) -}}
            {{- cartwise._check_unique(input, relation, present) -}}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro _raise_missing_input(input) %}
    {%- set door = "There is no " ~ input ~ ".parquet or " ~ input ~ ".csv in the folder "
        ~ var('data_path') ~ " (var data_path). Put the file there" if var('data_path')
        else "The var input_" ~ input ~ " is not set. Set it to a relation, for example input_"
        ~ input ~ ": \"{{ ref('my_" ~ input ~ "') }}\"" -%}
    {{- exceptions.raise_compiler_error(
        "cartwise input `" ~ input ~ "` is missing, and it is required. " ~ door
        ~ "; its columns are listed in the input contract of the README."
    ) -}}
{% endmacro %}

{% macro _check_csv_lines(input, relation) %}
    {%- if (relation | string).startswith('read_csv(') -%}
        {%- set row = cartwise.malformed_csv_lines(relation, 'cartwise_malformed_' ~ input) -%}
        {%- if row[0] > 0 -%}
            {{- exceptions.raise_compiler_error(
                "cartwise input `" ~ input ~ "`: " ~ row[0] ~ " line(s) of " ~ input ~ ".csv do not"
                ~ " have the columns of its header, break its quoting or are no UTF-8, from line "
                ~ row[1] ~ " to line " ~ row[2] ~ ". Quote cells that hold separators, quotes or line"
                ~ " breaks, save the file as UTF-8, or write Parquet."
            ) -}}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro _check_required_columns(input, relation, present) %}
    {%- set missing = [] -%}
    {%- for column in model.columns.values() if column.config.meta.required -%}
        {%- if column.name not in present -%}
            {%- do missing.append(column.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {#- A file without a header has the values of its first row there, perhaps personal ones. -#}
        {%- set names = [] -%}
        {%- for name in present -%}
            {%- do names.append(name if modules.re.match('[^\W\d][\w ]*$', name) else '?') -%}
        {%- endfor -%}
        {{- exceptions.raise_compiler_error(
            "cartwise input `" ~ input ~ "` (" ~ relation ~ ") lacks " ~ missing | length
            ~ " required column(s): " ~ missing | join(', ') ~ ". It has: " ~ names | join(', ')
            ~ ". Rename or add the column where the input is made."
        ) -}}
    {%- endif -%}
{% endmacro %}

{% macro _check_dates(input, relation, present) %}
    {#- Examples are the values as received, but never of a column marked `personal`. -#}
    {%- for column in model.columns.values() if column.data_type | lower in ('timestamp', 'date') -%}
        {%- set source = present.get(column.name) -%}
        {%- if source and cartwise._is_text(source.dtype | lower) -%}
            {%- set name = adapter.quote(source.name) -%}
            {%- set bad = cartwise._is_given(source) ~ " and "
                ~ cartwise.to_utc_timestamp(name, source.dtype) ~ " is null" -%}
            {%- set query -%}
                select count(*)
                from {{ relation }}
                where {{ bad }}
            {%- endset -%}
            {%- set row = run_query(query).rows[0] -%}
            {%- if row[0] > 0 -%}
                {%- set examples = cartwise._examples(
                    "select distinct " ~ name ~ " from " ~ relation ~ " where " ~ bad
                ) -%}
                {{- exceptions.raise_compiler_error(
                    "cartwise input `" ~ input ~ "`, column `" ~ column.name ~ "`: " ~ row[0]
                    ~ " row(s) hold a date that cannot be read"
                    ~ ("" if column.config.meta.personal else ", for example " ~ examples)
                    ~ ". Write dates as YYYY-MM-DD HH:MM:SS (UTC, or with an offset), or leave"
                    ~ " the cell empty."
                ) -}}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro _check_unique(input, relation, present) %}
    {%- for column in model.columns.values() if column.config.meta.unique -%}
        {%- set source = present.get(column.name) -%}
        {%- if source -%}
            {%- set repeated -%}
                select {{ cartwise._input_value(column, source) }} as key_value, count(*) as count_rows
                from {{ relation }}
                group by 1
                having count(*) > 1 and {{ cartwise._input_value(column, source) }} is not null
            {%- endset -%}
            {%- set row = run_query(
                "select count(*), coalesce(sum(count_rows), 0) from (" ~ repeated ~ ") as repeated"
            ).rows[0] -%}
            {%- if row[0] > 0 -%}
                {{- exceptions.raise_compiler_error(
                    "cartwise input `" ~ input ~ "`, column `" ~ column.name ~ "`: " ~ row[0]
                    ~ " key(s) stand in " ~ row[1] ~ " rows, for example "
                    ~ cartwise._examples("select key_value from (" ~ repeated ~ ") as repeated")
                    ~ ". Each must stand once: remove the copies where the input is made, often a"
                    ~ " join to payments, shipments or visits that repeats rows."
                ) -}}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro _examples(query) %}
    {#- The first three values of a one-column query, quoted. -#}
    {%- set rows = run_query(query ~ " order by 1 limit 3").rows -%}
    {%- set values = [] -%}
    {%- for row in rows -%}
        {%- do values.append("'" ~ (row[0] | string)[:40] ~ "'") -%}
    {%- endfor -%}
    {{- return(values | join(', ')) -}}
{% endmacro %}

{% for input, relation in cartwise.checked_inputs().items() -%}
select
    '{{ input }}' as input_name,
    count(*) as count_rows
from {{ relation }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}

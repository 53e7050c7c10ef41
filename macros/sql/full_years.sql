{% macro full_years(earlier, later) -%}
    {#- Whole years from one date to another, as people count their age; null before the first. -#}
    case
        when {{ earlier }} <= {{ later }}
            then floor(
                (
                    {{ cartwise.months_between(earlier, later) }}
                    - case
                        when extract(day from {{ later }}) < extract(day from {{ earlier }}) then 1
                        else 0
                    end
                ) / 12.0
            )
    end
{%- endmacro %}

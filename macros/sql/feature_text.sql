{% macro feature_text(feature, value) -%}
    {#- A value as people read it, by the unit of the feature whose name stands in a column. -#}
    {%- set units = {} -%}
    {%- for name, reading in cartwise.customer_features().items() -%}
        {%- do units.setdefault(reading.unit, []).append(name) -%}
        {%- do units.setdefault(reading.scale, []).append(name) -%}
    {%- endfor -%}
    coalesce(
        case
            when {{ value }} is null then 'not known'
            when {{ feature }} in {{ cartwise.word_list(units.flag) }} and {{ value }} in (0, 1)
                then case when {{ value }} = 1 then 'yes' else 'no' end
            when {{ feature }} in {{ cartwise.word_list(units.share) }}
                then cast(cast(floor(100 * {{ value }} + 0.5) as bigint) as {{ dbt.type_string() }}) || ' %'
            when {{ feature }} in {{ cartwise.word_list(units.number) }}
                then cast(cast(floor({{ value }} + 0.5) as bigint) as {{ dbt.type_string() }})
        end,
        {#- rounded before the cast: engines cast half a cent to different sides #}
        cast(
            cast(floor(100 * {{ value }} + 0.5) / 100 as decimal(18, 2)) as {{ dbt.type_string() }}
        )
    )
{%- endmacro %}

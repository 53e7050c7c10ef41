{% macro allocate_amount(amount, part, running_part, whole) %}
    {#- The share of `amount` that falls on one of several parts of `whole`, to the cent. The shares
        of all parts add up to `amount` exactly: each is the difference of two rounded running
        shares, so no remainder is left over. `running_part` includes the part itself; 0 <= amount
        <= whole. Whole cents in doubles keep the arithmetic the same on every engine. -#}
    cast((
        {{ cartwise._running_share(amount, running_part, whole) }}
        - {{ cartwise._running_share(amount, running_part ~ " - " ~ part, whole) }}
    ) / 100.0 as {{ cartwise.type_money() }})
{%- endmacro %}

{% macro _running_share(amount, running, whole) -%}
    {#- The last part takes what is left exactly; amount * whole / whole need not be exact. -#}
    case
        when {{ running }} >= {{ whole }} then {{ cartwise._cents(amount) }}
        else floor(
            {{ cartwise._cents(amount) }} * {{ cartwise._cents(running) }}
            / nullif({{ cartwise._cents(whole) }}, 0)
        )
    end
{%- endmacro %}

{% macro _cents(amount) -%}
    cast(({{ amount }}) * 100 as double)
{%- endmacro %}

{% macro wilson_lower_bound(successes, trials) %}
    {#- The lower end of Wilson's score interval for a share, one-sided 95 % (z = 1.645); null
        without trials. Wilson (1927), J. Am. Stat. Assoc. 22, 209-212. -#}
    (
        {{ successes }} + 1.645 * 1.645 / 2
        - 1.645 * sqrt(
            {{ successes }} * cast({{ trials }} - {{ successes }} as double)
            / nullif({{ trials }}, 0) + 1.645 * 1.645 / 4
        )
    ) / ({{ trials }} + 1.645 * 1.645)
{%- endmacro %}

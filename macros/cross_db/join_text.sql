{% macro join_text(text, separator, order_by) %}
    {#- An aggregate: texts in a stated order with a separator between. dbt.listagg has no order on
        Spark. -#}
    {{- return(adapter.dispatch('join_text', 'cartwise')(text, separator, order_by)) -}}
{% endmacro %}

{% macro default__join_text(text, separator, order_by) %}
    {{- return(
        "string_agg(" ~ text ~ ", " ~ dbt.string_literal(separator) ~ " order by " ~ order_by ~ ")"
    ) -}}
{% endmacro %}

{% macro spark__join_text(text, separator, order_by) %}
    {{- return(
        "array_join(transform(array_sort(collect_list(struct(" ~ order_by ~ " as place, " ~ text
        ~ " as text))), element -> element.text), " ~ dbt.string_literal(separator) ~ ")"
    ) -}}
{% endmacro %}

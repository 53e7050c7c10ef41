{% macro rating_sentiment(rating) -%}
    {#- negative, neutral or positive by the stars; null without stars. -#}
    {%- set most_negative, least_positive = var('sentiment_ratings') -%}
    case
        when {{ rating }} <= {{ most_negative }} then 'negative'
        when {{ rating }} >= {{ least_positive }} then 'positive'
        when {{ rating }} is not null then 'neutral'
    end
{%- endmacro %}

{% macro quarter_value_of(works_value, days) %}
-- the share of a site's value that falls to the quarter, by days of work
cast(
    round(cast({{ works_value }} as double) * {{ days }}.days_in_quarter / {{ days }}.days_in_all, 3) as decimal(20, 3)
)
{%- endmacro %}

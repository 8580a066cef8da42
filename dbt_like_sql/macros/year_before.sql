{% macro year_before(period) %}
cast(cast(substr({{ period }}, 1, 4) as integer) - 1 as varchar) || substr({{ period }}, 5)
{%- endmacro %}

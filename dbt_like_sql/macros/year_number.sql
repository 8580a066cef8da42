{% macro year_number(period) %}
cast(substr({{ period }}, 1, 4) as integer)
{%- endmacro %}

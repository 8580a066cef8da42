{% macro year_of(period) %}
substr({{ period }}, 1, 4)
{%- endmacro %}

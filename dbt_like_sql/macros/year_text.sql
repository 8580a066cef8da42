{% macro year_text(period) %}
substr({{ period }}, 1, 4)
{%- endmacro %}

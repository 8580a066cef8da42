{% macro part_of_year(period) %}
substr({{ period }}, 6)
{%- endmacro %}

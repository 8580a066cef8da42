{% macro month_number(month) %}
cast(substr({{ month }}, 6, 2) as integer)
{%- endmacro %}

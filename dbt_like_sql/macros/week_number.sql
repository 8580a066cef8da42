{% macro week_number(week) %}
cast(substr({{ week }}, 7, 2) as integer)
{%- endmacro %}

{% macro quarter_number(quarter) %}
cast(substr({{ quarter }}, 7, 1) as integer)
{%- endmacro %}

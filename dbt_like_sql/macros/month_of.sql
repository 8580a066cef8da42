{% macro month_of(day) %}
substr(cast({{ day }} as varchar), 1, 7)
{%- endmacro %}

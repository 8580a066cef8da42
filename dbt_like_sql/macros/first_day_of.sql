{% macro first_day_of(month) %}
try_cast({{ month }} || '-01' as date)
{%- endmacro %}

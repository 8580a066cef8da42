{% macro last_day_of_year(period) %}
try_cast(substr({{ period }}, 1, 4) || '-12-31' as date)
{%- endmacro %}

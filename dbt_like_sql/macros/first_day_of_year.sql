{% macro first_day_of_year(period) %}
try_cast(substr({{ period }}, 1, 4) || '-01-01' as date)
{%- endmacro %}

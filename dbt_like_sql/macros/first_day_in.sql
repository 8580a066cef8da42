{% macro first_day_in(period, month_number) %}
-- the first day of a month of the year of a period
try_cast(substr({{ period }}, 1, 4) || '-' || lpad(cast({{ month_number }} as varchar), 2, '0') || '-01' as date)
{%- endmacro %}

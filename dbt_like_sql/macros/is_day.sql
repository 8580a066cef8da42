{% macro is_day(period) %}
length({{ period }}) = 10
{%- endmacro %}

{% macro is_year(period) %}
length({{ period }}) = 4
{%- endmacro %}

{% macro last_quarter_of(period) %}
case when length({{ period }}) = 4 then {{ period }} || '-Q4' else {{ period }} end
{%- endmacro %}

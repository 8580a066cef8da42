{% macro first_quarter_of(period) %}
case when length({{ period }}) = 4 then {{ period }} || '-Q1' else {{ period }} end
{%- endmacro %}

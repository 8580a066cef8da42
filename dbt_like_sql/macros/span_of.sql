{% macro span_of(first, last) %}
case when {{ first }} = {{ last }} then {{ first }} else {{ first }} || '..' || {{ last }} end
{%- endmacro %}

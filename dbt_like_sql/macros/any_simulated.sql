{% macro any_simulated(flag) %}
max(case when {{ flag }} then 1 else 0 end) = 1
{%- endmacro %}

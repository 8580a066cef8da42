{% macro all_simulated(flag) %}
min(case when {{ flag }} then 1 else 0 end) = 1
{%- endmacro %}

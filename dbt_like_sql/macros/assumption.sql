{% macro assumption(name) %}
max(case when assumption = '{{ name }}' then assumed_value end)
{%- endmacro %}

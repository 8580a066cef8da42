{% macro threshold(name) %}
max(case when threshold_name = '{{ name }}' then threshold_value end)
{%- endmacro %}

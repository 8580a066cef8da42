{% macro quarter_of(day) %}
cast(year({{ day }}) as varchar) || '-Q' || cast(cast(floor((month({{ day }}) + 2) / 3.0) as integer) as varchar)
{%- endmacro %}

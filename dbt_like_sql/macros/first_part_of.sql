{% macro first_part_of(period) %}
split_part({{ period }}, '..', 1)
{%- endmacro %}

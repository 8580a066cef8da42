{% macro last_part_of(period) %}
case when position('..' in {{ period }}) > 0 then split_part({{ period }}, '..', 2) else {{ period }} end
{%- endmacro %}

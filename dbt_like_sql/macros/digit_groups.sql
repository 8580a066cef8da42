{% macro digit_groups(text) %}
-- the numbers in a text, with a dash between two of them
regexp_replace({{ text }}, '[^0-9]+', '-', 'g')
{%- endmacro %}

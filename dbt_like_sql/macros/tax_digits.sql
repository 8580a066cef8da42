{% macro tax_digits(code) %}
-- the digits of a tax code without those of its branch
regexp_replace(split_part({{ code }}, '-', 1), '[^0-9]', '', 'g')
{%- endmacro %}

{% macro tax_key(digits) %}
case
    when {{ digits }} = '' then null
    -- A leading zero that a spreadsheet dropped is put back; thirteen digits are ten of the enterprise and a branch.
    when length({{ digits }}) = 9 then '0' || {{ digits }}
    when length({{ digits }}) = 13 then left({{ digits }}, 10)
    else {{ digits }}
end
{%- endmacro %}

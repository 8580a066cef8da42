{% macro period_of_quarters(calendar_year, quarters) %}
-- the first quarter, the first months of two or three quarters, or the year
case {{ quarters }}
    when 0 then cast({{ calendar_year }} as varchar)
    when 1 then cast({{ calendar_year }} as varchar) || '-Q1'
    when 2 then cast({{ calendar_year }} as varchar) || '-6M'
    else cast({{ calendar_year }} as varchar) || '-9M'
end
{%- endmacro %}

{% macro period_to_month(calendar_year, months) %}
-- the year, or its first months
case
    when {{ months }} = 12 then cast({{ calendar_year }} as varchar)
    else cast({{ calendar_year }} as varchar) || '-' || cast({{ months }} as varchar) || 'M'
end
{%- endmacro %}

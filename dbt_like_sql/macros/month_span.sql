{% macro month_span(first_on, last_on) %}
case substr(cast({{ first_on }} as varchar), 1, 7)
    when substr(cast({{ last_on }} as varchar), 1, 7) then substr(cast({{ last_on }} as varchar), 1, 7)
    else substr(cast({{ first_on }} as varchar), 1, 7) || '..' || substr(cast({{ last_on }} as varchar), 1, 7)
end
{%- endmacro %}

{% macro months_until(first_on, until_on) %}
-- The months from the first day to the last; where the last one is not over, the day up to which something is known.
case
    when {{ until_on }} < last_day({{ until_on }}) then cast({{ until_on }} as varchar)
    when substr(cast({{ first_on }} as varchar), 1, 7) = substr(cast({{ until_on }} as varchar), 1, 7)
        then substr(cast({{ until_on }} as varchar), 1, 7)
    else substr(cast({{ first_on }} as varchar), 1, 7) || '..' || substr(cast({{ until_on }} as varchar), 1, 7)
end
{%- endmacro %}

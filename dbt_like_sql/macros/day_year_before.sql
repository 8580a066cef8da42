{% macro day_year_before(day) %}
-- The same day of the year before; the last day of a month for the last day of a month.
case
    when {{ day }} = last_day({{ day }})
        then last_day(make_date(year({{ day }}) - 1, month({{ day }}), 1))
    else make_date(year({{ day }}) - 1, month({{ day }}), day({{ day }}))
end
{%- endmacro %}

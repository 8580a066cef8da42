{% macro last_month_of(period) %}
case
    when length({{ period }}) = 4 then 12
    when substr({{ period }}, 6, 1) = 'Q' then 3 * try_cast(substr({{ period }}, 7, 1) as integer)
    when right({{ period }}, 1) = 'M' then try_cast(replace(substr({{ period }}, 6), 'M', '') as integer)
    else try_cast(substr({{ period }}, 6, 2) as integer)
end
{%- endmacro %}

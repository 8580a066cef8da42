{% macro period_type_of(period) %}
case
    when length({{ period }}) = 4 then 'year'
    when substr({{ period }}, 6, 1) = 'Q' then 'quarter'
    when length({{ period }}) <= 8 and right({{ period }}, 1) = 'M' then 'ytd'
    when length({{ period }}) = 7 then 'month'
    when length({{ period }}) = 10 then 'as_of'
    else 'range'
end
{%- endmacro %}

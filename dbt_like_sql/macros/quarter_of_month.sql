{% macro quarter_of_month(month) %}
case
    when length({{ month }}) = 7
        then
            substr({{ month }}, 1, 4) || '-Q'
            || cast(
                cast(floor((try_cast(replace(substr({{ month }}, 6), 'M', '') as integer) + 2) / 3) as integer) as varchar
            )
end
{%- endmacro %}

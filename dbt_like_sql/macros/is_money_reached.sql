{% macro is_money_reached(row) %}
case
    when {{ row }}.comparator = '>' then {{ row }}.counted_vnd > {{ row }}.asked_vnd
    else {{ row }}.counted_vnd >= {{ row }}.asked_vnd
end
{%- endmacro %}

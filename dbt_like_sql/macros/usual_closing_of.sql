{% macro usual_closing_of(budget_year) %}
make_date({{ budget_year }} + 1, 1, 31)
{%- endmacro %}

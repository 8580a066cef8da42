{% macro needed_per_working_day(row) %}
cast(
    round(
        cast({{ row }}.needed_vnd as double) * 100
        / (cast({{ row }}.plan_vnd as double) * cast(nullif({{ row }}.working_days_left, 0) as double)),
        4
    ) as decimal(12, 4)
)
{%- endmacro %}

{% macro pace_ratio(row) %}
-- what is needed a day over the best ever paid a day, both as shares of their plans; no best, no ratio
case
    when {{ row }}.best_plan_vnd is null then null
    when {{ row }}.needed_vnd = 0 then cast(0 as double)
    when {{ row }}.best_paid_vnd <= 0 then cast(999999 as double)
    else
        round(
            cast({{ row }}.needed_vnd as double) * cast({{ row }}.best_plan_vnd as double)
            / (cast({{ row }}.plan_vnd as double) * cast({{ row }}.best_paid_vnd as double)),
            12
        )
end
{%- endmacro %}

{% macro closings() %}
-- The last day on which each type of transaction counts for a budget year, by the rule in force on that day. Vouchers do
-- not say whether they pay for compensation and resettlement, so that the general rule governs.
select
    years.budget_year,
    rules.plan_component,
    rules.transaction_type,
    make_date(years.budget_year + rules.closes_years_later, rules.closing_month, rules.closing_day) as closes_on,
    rules.act
from {{ ref('budget_years') }} as years
cross join {{ ref('closing_days') }} as rules
where
    rules.capital_use = 'general'
    and make_date(years.budget_year + rules.closes_years_later, rules.closing_month, rules.closing_day)
    between rules.in_force_from and coalesce(rules.in_force_to, date '9999-12-31')
{%- endmacro %}

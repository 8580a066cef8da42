-- A row is one report of what is accepted and not yet paid, beside what remained of the project's whole plan on the
-- last day known before the week ended. It fails when the amount does not fit: its unit is wrong, or the Treasury
-- cannot pay it on this plan. A report belongs to the earliest budget year still open.
with open_years as (
    select distinct
        budget_year,
        opens_on,
        closes_on
    from {{ ref('int_disbursement_days') }}
),

report_years as (
    select
        reports.project_code,
        reports.week,
        reports.week_ends_on,
        reports.accepted_unpaid_vnd,
        min(open_years.budget_year) as budget_year
    from {{ ref('stg_project_progress') }} as reports
    inner join open_years on reports.week_ends_on between open_years.opens_on and open_years.closes_on
    where reports.accepted_unpaid_vnd is not null
    group by reports.project_code, reports.week, reports.week_ends_on, reports.accepted_unpaid_vnd
),

known_days as (
    select
        report_years.budget_year,
        report_years.week,
        max(days.on_date) as on_date
    from report_years
    inner join {{ ref('int_disbursement_days') }} as days
        on
            report_years.budget_year = days.budget_year
            and report_years.week_ends_on >= days.on_date
    where days.is_money_known
    group by report_years.budget_year, report_years.week
),

beside as (
    select
        report_years.project_code,
        report_years.week,
        report_years.budget_year,
        report_years.accepted_unpaid_vnd,
        known_days.on_date,
        sum(coalesce(budget_lines.plan_vnd, 0) - (budget_lines.disbursed_vnd - budget_lines.over_disbursed_vnd))
            as remaining_vnd
    from report_years
    inner join known_days
        on
            report_years.budget_year = known_days.budget_year
            and report_years.week = known_days.week
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            report_years.project_code = budget_lines.project_code
            and report_years.budget_year = budget_lines.budget_year
            and known_days.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
    group by
        report_years.project_code,
        report_years.week,
        report_years.budget_year,
        report_years.accepted_unpaid_vnd,
        known_days.on_date
)

select
    project_code,
    week,
    budget_year,
    on_date,
    accepted_unpaid_vnd,
    cast(remaining_vnd as decimal(18, 0)) as remaining_vnd,
    cast(accepted_unpaid_vnd - remaining_vnd as decimal(18, 0)) as beyond_plan_vnd
from beside

-- A row is one report of what is accepted and not yet paid, beside what remained of the project's whole plan on the
-- last day known before the week ended. It fails when the amount does not fit: its unit is wrong, or the Treasury
-- cannot pay it on this plan. A report belongs to the earliest budget year still open.
with report_years as (
    select
        reports.project_code,
        reports.week,
        reports.week_ends_on,
        reports.accepted_unpaid_vnd,
        min(days.budget_year) as budget_year
    from {{ ref('stg_project_progress') }} as reports
    inner join {{ ref('int_disbursement_days') }} as days
        on reports.week_ends_on between days.opens_on and days.closes_on
    where reports.accepted_unpaid_vnd is not null
    group by reports.project_code, reports.week, reports.week_ends_on, reports.accepted_unpaid_vnd
),

remaining as (
    select
        project_code,
        budget_year,
        on_date,
        sum(coalesce(plan_vnd, 0) - (disbursed_vnd - over_disbursed_vnd)) as remaining_vnd
    from {{ ref('int_disbursement_cells') }}
    where is_money_known
    group by project_code, budget_year, on_date
),

beside as (
    select
        report_years.project_code,
        report_years.week,
        report_years.budget_year,
        report_years.accepted_unpaid_vnd,
        remaining.on_date,
        remaining.remaining_vnd,
        row_number() over (
            partition by report_years.project_code, report_years.week order by remaining.on_date desc
        ) as place
    from report_years
    inner join remaining
        on
            report_years.project_code = remaining.project_code
            and report_years.budget_year = remaining.budget_year
            and report_years.week_ends_on >= remaining.on_date
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
where place = 1

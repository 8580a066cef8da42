-- The newest day shown for a budget year is the newest one whose money is known or, where there is none, the newest of
-- all.
with projects as (
    select *
    from {{ ref('int_project_disbursement') }}
    where is_newest
),

denominators as (
    select distinct
        denominator,
        is_default_denominator
    from {{ ref('denominators') }}
),

open_years as (
    select distinct
        budget_year,
        opens_on,
        closes_on
    from {{ ref('int_disbursement_days') }}
),

newest_days as (
    select distinct
        budget_year,
        on_date
    from projects
),

-- A report belongs to the earliest budget year that is still open when its week ends: what is accepted in January is
-- paid from the plan of the year before for as long as that is possible.
report_years as (
    select
        reports.project_code,
        reports.week,
        reports.week_ends_on,
        reports.accepted_unpaid_vnd,
        reports.site_handed_over_pct,
        reports.material_shortage_m3,
        reports.is_simulated,
        min(years.budget_year) as budget_year
    from {{ ref('stg_project_progress') }} as reports
    inner join open_years as years on reports.week_ends_on between years.opens_on and years.closes_on
    group by
        reports.project_code,
        reports.week,
        reports.week_ends_on,
        reports.accepted_unpaid_vnd,
        reports.site_handed_over_pct,
        reports.material_shortage_m3,
        reports.is_simulated
),

newest_reports as (
    select
        report_years.*,
        row_number() over (
            partition by report_years.project_code, report_years.budget_year order by report_years.week desc
        ) as row_number
    from report_years
    inner join newest_days
        on
            report_years.budget_year = newest_days.budget_year
            and report_years.week_ends_on <= newest_days.on_date
),

measured as (
    select
        projects.*,
        reports.week as accepted_unpaid_week,
        reports.accepted_unpaid_vnd,
        reports.site_handed_over_pct,
        reports.material_shortage_m3,
        register.name,
        register.key_item,
        denominators.is_default_denominator
    from projects
    inner join denominators on projects.denominator = denominators.denominator
    left join {{ ref('dim_project') }} as register on projects.project_code = register.project_code
    left join newest_reports as reports
        on
            projects.project_code = reports.project_code
            and projects.budget_year = reports.budget_year
            and reports.row_number = 1
            and {{ simulated_only_beside_simulated('projects', 'reports') }}
)

select
    project_code,
    name,
    board_code,
    budget_year,
    on_date,
    denominator,
    key_item,
    key_item is not null as is_key_project,
    plan_vnd,
    disbursed_vnd,
    over_disbursed_vnd,
    disbursed_pct,
    advances_outstanding_vnd,
    cast(disbursed_vnd - advances_outstanding_vnd - adjustments_vnd as decimal(18, 0)) as accepted_volume_paid_vnd,
    adjustments_vnd,
    accepted_unpaid_week,
    accepted_unpaid_vnd,
    site_handed_over_pct,
    material_shortage_m3,
    remaining_vnd,
    case
        when counted_vnd is not null
            then
                cast(
                    row_number() over (
                        partition by budget_year, denominator
                        order by remaining_vnd desc nulls last, project_code asc
                    ) as integer
                )
    end as remaining_rank,
    plan_rank,
    expected_pct,
    shortfall_vnd,
    shortfall_rank,
    released_on,
    is_simulated,
    is_default_denominator
from measured
order by project_code, budget_year, denominator

-- The newest day shown for a budget year is the one on which its money is known; where it never was, the newest at all.
with newest_days as (
    select
        budget_year,
        coalesce(max(case when is_money_known then on_date end), max(on_date)) as on_date
    from {{ ref('int_disbursement_days') }}
    where on_date <= closes_on
    group by budget_year
),

projects as (
    select
        cells.project_code,
        cells.budget_year,
        cells.on_date,
        denominators.denominator,
        max(cells.board_code) as board_code,
        sum(cells.plan_vnd) as plan_vnd,
        sum(cells.disbursed_vnd) as disbursed_vnd,
        sum(cells.over_disbursed_vnd) as over_disbursed_vnd,
        sum(cells.advances_outstanding_vnd) as advances_outstanding_vnd,
        max(case when cells.is_money_known then 1 else 0 end) = 1 as is_money_known,
        max(cells.released_on) as released_on,
        {{ any_simulated('cells.is_simulated') }} as is_simulated
    from {{ ref('int_disbursement_cells') }} as cells
    inner join newest_days
        on
            cells.budget_year = newest_days.budget_year
            and cells.on_date = newest_days.on_date
    inner join {{ ref('denominators') }} as denominators on cells.plan_component = denominators.plan_component
    group by cells.project_code, cells.budget_year, cells.on_date, denominators.denominator
),

-- A report belongs to the earliest budget year that is still open when its week ends: what is accepted in January is
-- paid on the plan of the year before as long as that can be paid.
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
    inner join {{ ref('int_disbursement_days') }} as years
        on reports.week_ends_on between years.opens_on and years.closes_on
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
        ) as place
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
        case when projects.plan_vnd > 0 then projects.disbursed_vnd - projects.over_disbursed_vnd end as counted_vnd
    from projects
    left join {{ ref('dim_project') }} as register on projects.project_code = register.project_code
    left join newest_reports as reports
        on
            projects.project_code = reports.project_code
            and projects.budget_year = reports.budget_year
            and reports.place = 1
            and (projects.is_simulated or not reports.is_simulated)
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
    cast(plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(disbursed_vnd as decimal(18, 0)) as disbursed_vnd,
    cast(over_disbursed_vnd as decimal(18, 0)) as over_disbursed_vnd,
    cast(
        case
            when plan_vnd > 0 then round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4)
        end as decimal(12, 4)
    ) as disbursed_pct,
    cast(advances_outstanding_vnd as decimal(18, 0)) as advances_outstanding_vnd,
    cast(disbursed_vnd - advances_outstanding_vnd as decimal(18, 0)) as accepted_volume_paid_vnd,
    accepted_unpaid_week,
    accepted_unpaid_vnd,
    site_handed_over_pct,
    material_shortage_m3,
    cast(plan_vnd - counted_vnd as decimal(18, 0)) as remaining_vnd,
    case
        when counted_vnd is not null
            then
                cast(
                    row_number() over (
                        partition by budget_year, denominator
                        order by plan_vnd - counted_vnd desc nulls last, project_code asc
                    ) as integer
                )
    end as remaining_rank,
    case
        when plan_vnd is not null
            then
                cast(
                    row_number() over (
                        partition by budget_year, denominator
                        order by plan_vnd desc nulls last, project_code asc
                    ) as integer
                )
    end as plan_rank,
    released_on,
    is_simulated
from measured
order by project_code, budget_year, denominator

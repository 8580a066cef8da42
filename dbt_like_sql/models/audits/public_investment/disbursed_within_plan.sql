-- A row is one project, budget year, source and component on which money was paid, on the newest day known. It fails
-- when more was paid than planned, when there is no plan at all, or when the project is not in the register.
with newest_days as (
    select
        budget_year,
        max(on_date) as on_date
    from {{ ref('int_disbursement_days') }}
    where is_money_known
    group by budget_year
),

newest as (
    select
        budget_lines.*,
        newest_days.on_date
    from {{ ref('int_budget_lines') }} as budget_lines
    inner join newest_days
        on
            budget_lines.budget_year = newest_days.budget_year
            and newest_days.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
)

select
    newest.project_code,
    newest.budget_year,
    newest.source,
    newest.plan_component,
    newest.on_date,
    newest.plan_vnd,
    newest.disbursed_vnd,
    newest.over_disbursed_vnd,
    coalesce(projects.is_in_register, false) as is_in_register
from newest
left join {{ ref('dim_project') }} as projects on newest.project_code = projects.project_code
where newest.disbursed_vnd <> 0

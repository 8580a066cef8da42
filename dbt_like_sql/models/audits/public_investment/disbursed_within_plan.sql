-- A row is one project, budget year, source and component on which money was paid, on the newest day known. It fails
-- when more was paid than planned, when there is no plan at all, or when the project is not in the register.
with newest as (
    select
        *,
        row_number() over (
            partition by project_code, budget_year, source, plan_component order by on_date desc
        ) as place
    from {{ ref('int_disbursement_cells') }}
    where is_money_known
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
where newest.place = 1 and newest.disbursed_vnd <> 0

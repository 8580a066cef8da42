-- A row is one project whose total investment is known. It fails when its plans of all years exceed it: a plan in the
-- wrong unit shows here. Carried-over capital was planned before and does not count twice.
with plans as (
    select
        project_code,
        sum(plan_change_vnd) as planned_vnd
    from {{ ref('int_plan_changes') }}
    where plan_component <> 'carried_over'
    group by project_code
)

select
    projects.project_code,
    projects.board_code,
    projects.total_investment_bn,
    cast(plans.planned_vnd as decimal(18, 0)) as planned_vnd,
    cast(
        round(cast(plans.planned_vnd as double) / 1e7 / cast(projects.total_investment_bn as double), 4)
        as decimal(20, 4)
    ) as planned_of_total_investment_pct
from plans
inner join {{ ref('dim_project') }} as projects on plans.project_code = projects.project_code
where projects.total_investment_bn > 0

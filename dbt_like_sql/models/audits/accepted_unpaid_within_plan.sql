-- A row is one project and budget year for which its board has reported what is accepted and not yet paid. It fails when
-- that does not fit into what remains of the whole plan: the unit is wrong, or the Treasury cannot pay it on this plan.
select
    project_code,
    budget_year,
    board_code,
    accepted_unpaid_week,
    accepted_unpaid_vnd,
    remaining_vnd,
    cast(accepted_unpaid_vnd - remaining_vnd as decimal(18, 0)) as beyond_plan_vnd
from {{ ref('project_disbursement') }}
where denominator = 'all_components' and accepted_unpaid_vnd is not null and remaining_vnd is not null

-- A row is one project, budget year, source and component on which money was paid, on the newest day known. It fails
-- when more was paid than planned, when there is no plan at all, or when the project is not in the register.
select
    project_code,
    budget_year,
    source,
    plan_component,
    on_date,
    plan_vnd,
    disbursed_vnd,
    over_disbursed_vnd,
    is_in_register
from {{ ref('int_money_beside_plan') }}

-- The feed's contract says whether a decision gives the change or the level after it.
with forms as (
    select
        max(case when feed = 'investment_plan' and option = 'amounts' then value end) as amounts
    from {{ source('contracts', 'options') }}
),

decisions as (
    select
        plan.*,
        lag(plan.amount_vnd) over (
            partition by plan.project_code, plan.budget_year, plan.source, plan.plan_component
            order by plan.decided_on, plan.decision_no
        ) as amount_before_vnd
    from {{ ref('stg_investment_plan') }} as plan
)

select
    decisions.project_code,
    decisions.budget_year,
    decisions.source,
    decisions.plan_component,
    decisions.decision_no,
    decisions.decided_on,
    cast(
        case
            when coalesce(forms.amounts, 'change') = 'level'
                then decisions.amount_vnd - coalesce(decisions.amount_before_vnd, 0)
            else decisions.amount_vnd
        end as decimal(18, 0)
    ) as plan_change_vnd,
    decisions.released_on,
    decisions.is_simulated
from decisions
cross join forms

-- A budget line is a project, budget year, source of capital and plan component. A state begins on each day on which
-- plan, money or owner of a budget line changes, and holds to the day before the next. Money beyond the plan of its
-- budget line is over-disbursed: it is shown, but does not count as progress.
with budget_lines as (
    select
        project_code,
        budget_year,
        source,
        plan_component
    from {{ ref('int_plan_changes') }}
    union
    select
        project_code,
        budget_year,
        source,
        plan_component
    from {{ ref('int_disbursement_movements') }}
),

changes as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        decided_on as changed_on,
        plan_change_vnd,
        cast(0 as decimal(18, 0)) as disbursed_change_vnd,
        cast(0 as decimal(18, 0)) as advances_change_vnd,
        cast(0 as decimal(18, 0)) as adjustments_change_vnd,
        cast(null as date) as released_on,
        is_simulated
    from {{ ref('int_plan_changes') }}
    union all
    select
        project_code,
        budget_year,
        source,
        plan_component,
        posted_on as changed_on,
        cast(null as decimal(18, 0)) as plan_change_vnd,
        disbursed_change_vnd,
        advances_change_vnd,
        adjustments_change_vnd,
        released_on,
        is_simulated
    from {{ ref('int_disbursement_movements') }}
    union all
    -- before all of them there is a budget line without plan and without money
    select
        budget_lines.project_code,
        budget_lines.budget_year,
        budget_lines.source,
        budget_lines.plan_component,
        coalesce(owners.owned_from_on, date '1900-01-01') as changed_on,
        cast(null as decimal(18, 0)) as plan_change_vnd,
        cast(0 as decimal(18, 0)) as disbursed_change_vnd,
        cast(0 as decimal(18, 0)) as advances_change_vnd,
        cast(0 as decimal(18, 0)) as adjustments_change_vnd,
        cast(null as date) as released_on,
        false as is_simulated
    from budget_lines
    left join {{ ref('int_project_owners') }} as owners on budget_lines.project_code = owners.project_code
),

by_day as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        changed_on,
        sum(plan_change_vnd) as plan_change_vnd,
        sum(disbursed_change_vnd) as disbursed_change_vnd,
        sum(advances_change_vnd) as advances_change_vnd,
        sum(adjustments_change_vnd) as adjustments_change_vnd,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from changes
    group by project_code, budget_year, source, plan_component, changed_on
),

running as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        changed_on,
        sum(plan_change_vnd) over budget_line as plan_vnd,
        sum(disbursed_change_vnd) over budget_line as disbursed_vnd,
        sum(advances_change_vnd) over budget_line as advances_outstanding_vnd,
        sum(adjustments_change_vnd) over budget_line as adjustments_vnd,
        max(released_on) over budget_line as released_on,
        max(case when is_simulated then 1 else 0 end) over budget_line = 1 as is_simulated
    from by_day
    window budget_line as (
        partition by project_code, budget_year, source, plan_component
        order by changed_on
        rows between unbounded preceding and current row
    )
),

states as (
    select
        *,
        coalesce(
            lead(changed_on) over (
                partition by project_code, budget_year, source, plan_component order by changed_on
            ) - 1,
            date '9999-12-31'
        ) as holds_to_on,
        greatest(disbursed_vnd - greatest(coalesce(plan_vnd, 0), 0), 0) as over_disbursed_vnd
    from running
)

select
    states.project_code,
    coalesce(owners.board_code, 'UNASSIGNED') as board_code,
    states.budget_year,
    states.source,
    states.plan_component,
    states.changed_on as holds_from_on,
    states.holds_to_on,
    cast(states.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(states.disbursed_vnd as decimal(18, 0)) as disbursed_vnd,
    cast(states.over_disbursed_vnd as decimal(18, 0)) as over_disbursed_vnd,
    cast(
        states.disbursed_vnd - states.over_disbursed_vnd - coalesce(
            lag(states.disbursed_vnd - states.over_disbursed_vnd) over (
                partition by states.project_code, states.budget_year, states.source, states.plan_component
                order by states.changed_on
            ),
            0
        ) as decimal(18, 0)
    ) as counted_change_vnd,
    cast(states.advances_outstanding_vnd as decimal(18, 0)) as advances_outstanding_vnd,
    cast(states.adjustments_vnd as decimal(18, 0)) as adjustments_vnd,
    states.released_on,
    states.is_simulated or coalesce(owners.is_simulated, false) as is_simulated
from states
left join {{ ref('int_project_owners') }} as owners
    on
        states.project_code = owners.project_code
        and states.changed_on between owners.owned_from_on and owners.owned_to_on

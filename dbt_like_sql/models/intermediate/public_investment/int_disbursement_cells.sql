-- Money beyond the plan of its cell is over-disbursed: it is shown, and it is no progress.
with cells as (
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

directive_days as (
    select
        cast({{ year_of('items.period') }} as integer) as budget_year,
        min(directives.issued_on) as directive_on
    from {{ ref('directive_items') }} as items
    inner join {{ ref('directives') }} as directives on items.directive = directives.directive
    where items.indicator = 'public_investment_disbursed_rate'
    group by cast({{ year_of('items.period') }} as integer)
),

plan_by_day as (
    select
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component,
        days.on_date,
        sum(changes.plan_change_vnd) as plan_change_vnd,
        max(case when changes.is_simulated then 1 else 0 end) as simulated
    from {{ ref('int_plan_changes') }} as changes
    inner join {{ ref('int_disbursement_days') }} as days
        on
            changes.budget_year = days.budget_year
            and changes.decided_on > days.previous_on_date
            and changes.decided_on <= days.on_date
    group by
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component,
        days.on_date
),

plan_at_directive as (
    select
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component,
        sum(changes.plan_change_vnd) as plan_at_directive_vnd
    from {{ ref('int_plan_changes') }} as changes
    inner join directive_days on changes.budget_year = directive_days.budget_year
    where changes.decided_on <= directive_days.directive_on
    group by
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component
),

money_by_day as (
    select
        movements.project_code,
        movements.budget_year,
        movements.source,
        movements.plan_component,
        days.on_date,
        sum(movements.disbursed_change_vnd) as disbursed_change_vnd,
        sum(movements.advances_change_vnd) as advances_change_vnd,
        max(movements.released_on) as released_on,
        max(case when movements.is_simulated then 1 else 0 end) as simulated
    from {{ ref('int_disbursement_movements') }} as movements
    inner join {{ ref('int_disbursement_days') }} as days
        on
            movements.budget_year = days.budget_year
            and movements.posted_on > days.previous_on_date
            and movements.posted_on <= days.on_date
    group by
        movements.project_code,
        movements.budget_year,
        movements.source,
        movements.plan_component,
        days.on_date
),

steps as (
    select
        cells.project_code,
        cells.budget_year,
        cells.source,
        cells.plan_component,
        days.on_date,
        days.is_money_known,
        plan_by_day.plan_change_vnd,
        plan_at_directive.plan_at_directive_vnd,
        coalesce(money_by_day.disbursed_change_vnd, 0) as disbursed_change_vnd,
        coalesce(money_by_day.advances_change_vnd, 0) as advances_change_vnd,
        money_by_day.released_on,
        greatest(coalesce(plan_by_day.simulated, 0), coalesce(money_by_day.simulated, 0)) as simulated
    from cells
    inner join {{ ref('int_disbursement_days') }} as days on cells.budget_year = days.budget_year
    left join plan_by_day
        on
            cells.project_code = plan_by_day.project_code
            and cells.budget_year = plan_by_day.budget_year
            and cells.source = plan_by_day.source
            and cells.plan_component = plan_by_day.plan_component
            and days.on_date = plan_by_day.on_date
    left join plan_at_directive
        on
            cells.project_code = plan_at_directive.project_code
            and cells.budget_year = plan_at_directive.budget_year
            and cells.source = plan_at_directive.source
            and cells.plan_component = plan_at_directive.plan_component
    left join money_by_day
        on
            cells.project_code = money_by_day.project_code
            and cells.budget_year = money_by_day.budget_year
            and cells.source = money_by_day.source
            and cells.plan_component = money_by_day.plan_component
            and days.on_date = money_by_day.on_date
),

running as (
    select
        project_code,
        budget_year,
        source,
        plan_component,
        on_date,
        is_money_known,
        plan_at_directive_vnd,
        sum(plan_change_vnd) over cell as plan_vnd,
        sum(disbursed_change_vnd) over cell as disbursed_vnd,
        sum(advances_change_vnd) over cell as advances_outstanding_vnd,
        max(released_on) over cell as released_on,
        max(simulated) over cell = 1 as is_simulated
    from steps
    window cell as (
        partition by project_code, budget_year, source, plan_component
        order by on_date
        rows between unbounded preceding and current row
    )
)

select
    running.project_code,
    coalesce(owners.board_code, 'UNASSIGNED') as board_code,
    running.budget_year,
    running.source,
    running.plan_component,
    running.on_date,
    cast(running.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(running.plan_at_directive_vnd as decimal(18, 0)) as plan_at_directive_vnd,
    cast(case when running.is_money_known then running.disbursed_vnd end as decimal(18, 0)) as disbursed_vnd,
    cast(
        case
            when running.is_money_known
                then greatest(running.disbursed_vnd - greatest(coalesce(running.plan_vnd, 0), 0), 0)
        end as decimal(18, 0)
    ) as over_disbursed_vnd,
    cast(
        case when running.is_money_known then running.advances_outstanding_vnd end as decimal(18, 0)
    ) as advances_outstanding_vnd,
    running.is_money_known,
    running.released_on,
    running.is_simulated or coalesce(owners.is_simulated, false) as is_simulated
from running
left join {{ ref('int_project_owners') }} as owners
    on
        running.project_code = owners.project_code
        and running.on_date between owners.owned_from_on and owners.owned_to_on

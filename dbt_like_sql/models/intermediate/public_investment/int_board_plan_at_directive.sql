-- Cutting a plan raises its rate. So the plan on the day on which each directive was issued is given beside the plan in
-- force: that of the projects which the board has on the day shown.
with directive_days as (
    select distinct
        directives.directive,
        directives.issued_on,
        {{ year_number('items.period') }} as budget_year
    from {{ ref('directive_items') }} as items
    inner join {{ ref('directives') }} as directives on items.directive = directives.directive
    where
        items.indicator = 'public_investment_disbursed_rate'
        and directives.issued_on <= {{ var('as_of') }}
),

plans as (
    select
        directive_days.directive,
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component,
        sum(changes.plan_change_vnd) as plan_at_directive_vnd
    from {{ ref('int_plan_changes') }} as changes
    inner join directive_days
        on
            changes.budget_year = directive_days.budget_year
            and changes.decided_on <= directive_days.issued_on
    group by
        directive_days.directive,
        changes.project_code,
        changes.budget_year,
        changes.source,
        changes.plan_component
),

by_board as (
    select
        plans.directive,
        budget_lines.board_code,
        plans.budget_year,
        days.on_date,
        denominators.denominator,
        plans.plan_at_directive_vnd
    from plans
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            plans.project_code = budget_lines.project_code
            and plans.budget_year = budget_lines.budget_year
            and plans.source = budget_lines.source
            and plans.plan_component = budget_lines.plan_component
    inner join {{ ref('denominators') }} as denominators on plans.plan_component = denominators.plan_component
    inner join {{ ref('int_disbursement_days') }} as days
        on
            plans.budget_year = days.budget_year
            and days.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
    where days.is_shown
),

with_province as (
    select * from by_board
    union all
    select
        directive,
        'PROVINCE' as board_code,
        budget_year,
        on_date,
        denominator,
        plan_at_directive_vnd
    from by_board
)

select
    directive,
    board_code,
    budget_year,
    on_date,
    denominator,
    cast(sum(plan_at_directive_vnd) as decimal(18, 0)) as plan_at_directive_vnd
from with_province
group by directive, board_code, budget_year, on_date, denominator

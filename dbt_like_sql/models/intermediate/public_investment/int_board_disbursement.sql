-- Board totals come from projects; the province is the sum of its boards, including projects without a known board.
-- Each state of a budget line is added to its board on its first day and taken off after its last one, so that a
-- running sum of these changes is the total of any day.
with board_states as (
    select
        budget_lines.*,
        denominators.denominator
    from {{ ref('int_budget_lines') }} as budget_lines
    inner join {{ ref('denominators') }} as denominators on budget_lines.plan_component = denominators.plan_component
),

with_province as (
    select * from board_states
    union all
    select
        project_code,
        'PROVINCE' as board_code,
        budget_year,
        source,
        plan_component,
        holds_from_on,
        holds_to_on,
        plan_vnd,
        disbursed_vnd,
        over_disbursed_vnd,
        counted_change_vnd,
        advances_outstanding_vnd,
        adjustments_vnd,
        released_on,
        is_simulated,
        denominator
    from board_states
),

comings_and_goings as (
    select
        board_code,
        budget_year,
        denominator,
        holds_from_on as changed_on,
        1 as n_lines,
        case when plan_vnd is not null then 1 else 0 end as planned_lines,
        case when is_simulated then 1 else 0 end as simulated_lines,
        coalesce(plan_vnd, 0) as plan_vnd,
        disbursed_vnd,
        over_disbursed_vnd,
        advances_outstanding_vnd,
        adjustments_vnd,
        counted_change_vnd,
        released_on
    from with_province
    union all
    select
        board_code,
        budget_year,
        denominator,
        holds_to_on + 1 as changed_on,
        -1 as n_lines,
        case when plan_vnd is not null then -1 else 0 end as planned_lines,
        case when is_simulated then -1 else 0 end as simulated_lines,
        -coalesce(plan_vnd, 0) as plan_vnd,
        -disbursed_vnd as disbursed_vnd,
        -over_disbursed_vnd as over_disbursed_vnd,
        -advances_outstanding_vnd as advances_outstanding_vnd,
        -adjustments_vnd as adjustments_vnd,
        cast(0 as decimal(18, 0)) as counted_change_vnd,
        cast(null as date) as released_on
    from with_province
    where holds_to_on < date '9999-12-31'
),

changes as (
    select
        moved.board_code,
        moved.budget_year,
        moved.denominator,
        days.on_date,
        sum(moved.n_lines) as n_lines,
        sum(moved.planned_lines) as planned_lines,
        sum(moved.simulated_lines) as simulated_lines,
        sum(moved.plan_vnd) as plan_vnd,
        sum(moved.disbursed_vnd) as disbursed_vnd,
        sum(moved.over_disbursed_vnd) as over_disbursed_vnd,
        sum(moved.advances_outstanding_vnd) as advances_outstanding_vnd,
        sum(moved.adjustments_vnd) as adjustments_vnd,
        sum(moved.counted_change_vnd) as counted_change_vnd,
        max(moved.released_on) as released_on
    from comings_and_goings as moved
    inner join {{ ref('int_disbursement_days') }} as days
        on
            moved.budget_year = days.budget_year
            and moved.changed_on > days.previous_on_date
            and moved.changed_on <= days.on_date
    group by moved.board_code, moved.budget_year, moved.denominator, days.on_date
),

named as (
    select distinct
        items.board_code,
        {{ year_number('items.period') }} as budget_year,
        denominators.denominator
    from {{ ref('directive_items') }} as items
    cross join {{ ref('denominators') }} as denominators
    where items.indicator = 'public_investment_disbursed_rate' and items.board_code is not null
),

shown as (
    select
        board_code,
        budget_year,
        denominator
    from changes
    union
    select
        board_code,
        budget_year,
        denominator
    from named
),

running as (
    select
        shown.board_code,
        shown.budget_year,
        days.on_date,
        shown.denominator,
        days.is_money_known,
        named.board_code is not null as is_named,
        coalesce(sum(changes.n_lines) over by_day, 0) as n_lines,
        sum(changes.planned_lines) over by_day as planned_lines,
        sum(changes.simulated_lines) over by_day as simulated_lines,
        sum(changes.plan_vnd) over by_day as plan_vnd,
        sum(changes.disbursed_vnd) over by_day as disbursed_vnd,
        sum(changes.over_disbursed_vnd) over by_day as over_disbursed_vnd,
        sum(changes.advances_outstanding_vnd) over by_day as advances_outstanding_vnd,
        sum(changes.adjustments_vnd) over by_day as adjustments_vnd,
        coalesce(changes.counted_change_vnd, 0) as counted_change_vnd,
        max(changes.released_on) over by_day as released_on
    from shown
    inner join {{ ref('int_disbursement_days') }} as days on shown.budget_year = days.budget_year
    left join named
        on
            shown.board_code = named.board_code
            and shown.budget_year = named.budget_year
            and shown.denominator = named.denominator
    left join changes
        on
            shown.board_code = changes.board_code
            and shown.budget_year = changes.budget_year
            and shown.denominator = changes.denominator
            and days.on_date = changes.on_date
    window by_day as (
        partition by shown.board_code, shown.budget_year, shown.denominator
        order by days.on_date
        rows between unbounded preceding and current row
    )
),

totals as (
    select
        board_code,
        budget_year,
        on_date,
        denominator,
        is_money_known,
        cast(case when planned_lines > 0 then plan_vnd end as decimal(18, 0)) as plan_vnd,
        cast(case when is_money_known and n_lines > 0 then disbursed_vnd end as decimal(18, 0)) as disbursed_vnd,
        cast(
            case when is_money_known and planned_lines > 0 then over_disbursed_vnd end as decimal(18, 0)
        ) as over_disbursed_vnd,
        cast(counted_change_vnd as decimal(18, 0)) as counted_change_vnd,
        cast(
            case when is_money_known and n_lines > 0 then advances_outstanding_vnd end as decimal(18, 0)
        ) as advances_outstanding_vnd,
        cast(case when is_money_known and n_lines > 0 then adjustments_vnd end as decimal(18, 0)) as adjustments_vnd,
        released_on,
        coalesce(simulated_lines > 0, false) as is_simulated
    from running
    where n_lines > 0 or is_named
),

-- Money beyond the plan of its budget line does not count as progress.
counted as (
    select
        *,
        case
            when is_money_known and plan_vnd > 0
                then cast(coalesce(disbursed_vnd, 0) - coalesce(over_disbursed_vnd, 0) as decimal(18, 0))
        end as counted_vnd
    from totals
)

select
    board_code,
    budget_year,
    on_date,
    denominator,
    plan_vnd,
    disbursed_vnd,
    over_disbursed_vnd,
    counted_vnd,
    cast(round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4) as decimal(12, 4)) as disbursed_pct,
    counted_change_vnd,
    advances_outstanding_vnd,
    adjustments_vnd,
    released_on,
    is_simulated
from counted

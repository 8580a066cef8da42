-- The highest pace at which a board has paid over as many working days as are left, as a share of its plan: over any
-- span in the last two budget years, their closing weeks included, and in this one up to the day. Only spans count for
-- which the Treasury's deliveries cover every working day. A project that changes its board brings no payment with it.
-- With no working day left the pace is still that of the last one: what was needed then has not become easier.
with ways as (
    select distinct
        boards.board_code,
        ways.budget_year,
        boards.denominator,
        ways.money_known_on,
        case when ways.working_days_left = 0 then 1 else ways.working_days_left end as working_days_left
    from {{ ref('int_milestone_days') }} as ways
    inner join {{ ref('int_board_disbursement') }} as boards
        on
            ways.budget_year = boards.budget_year
            and ways.on_date = boards.on_date
    inner join {{ ref('directive_items') }} as items
        on
            boards.board_code = items.board_code
            and {{ year_number('items.period') }} = ways.budget_year
            and ways.milestone_on = items.deadline_on
    where
        items.indicator = 'public_investment_disbursed_rate'
        and items.threshold is not null
        and ways.money_known_on is not null
        and ways.working_days_left >= 0
),

courses as (
    select
        boards.board_code,
        boards.budget_year,
        boards.denominator,
        days.working_day_on,
        days.working_day_number,
        days.covered_working_days,
        boards.plan_vnd,
        boards.is_simulated,
        sum(boards.counted_change_vnd) over (
            partition by boards.board_code, boards.budget_year, boards.denominator
            order by boards.on_date
            rows between unbounded preceding and current row
        ) as paid_vnd,
        lead(days.working_day_number) over (
            partition by boards.board_code, boards.budget_year, boards.denominator order by boards.on_date
        ) as next_working_day_number
    from {{ ref('int_board_disbursement') }} as boards
    inner join {{ ref('int_disbursement_days') }} as known
        on
            boards.budget_year = known.budget_year
            and boards.on_date = known.on_date
    inner join {{ ref('int_treasury_working_days') }} as days on boards.on_date = days.on_date
    where boards.on_date <= known.closes_on
),

-- a working day with the days off after it
ends as (
    select *
    from courses
    where next_working_day_number is null or next_working_day_number <> working_day_number
),

first_days as (
    select
        budget_year,
        min(greatest(opens_on, covered_from_on)) as on_date
    from {{ ref('int_disbursement_days') }}
    group by budget_year
),

openings as (
    select
        first_days.budget_year,
        days.working_day_number - case when days.is_working_day then 1 else 0 end as working_day_number,
        days.covered_working_days - case when days.is_working_day and days.is_covered then 1 else 0 end
            as covered_working_days
    from first_days
    inner join {{ ref('int_treasury_working_days') }} as days on first_days.on_date = days.on_date
),

starts as (
    select
        ends.board_code,
        ends.budget_year,
        ends.denominator,
        ends.working_day_number,
        ends.covered_working_days,
        ends.paid_vnd
    from ends
    inner join openings
        on
            ends.budget_year = openings.budget_year
            and ends.working_day_number > openings.working_day_number
    union
    select
        ends.board_code,
        ends.budget_year,
        ends.denominator,
        openings.working_day_number,
        openings.covered_working_days,
        cast(0 as decimal(18, 0)) as paid_vnd
    from ends
    inner join openings on ends.budget_year = openings.budget_year
),

-- where a span ends and where it began: no two rows are alike, and `distinct` keeps an engine from pairing all ends of
-- a board with all its starts before it looks at how many days lie between them
ways_to_ends as (
    select distinct
        ways.board_code,
        ways.budget_year,
        ways.denominator,
        ways.money_known_on,
        ways.working_days_left,
        ends.budget_year as end_budget_year,
        ends.is_simulated,
        ends.working_day_on,
        ends.working_day_number - ways.working_days_left as start_working_day_number,
        ends.covered_working_days - ways.working_days_left as start_covered_working_days,
        ends.plan_vnd,
        ends.paid_vnd
    from ways
    inner join ends
        on
            ways.board_code = ends.board_code
            and ways.denominator = ends.denominator
            and ends.budget_year between ways.budget_year - 2 and ways.budget_year
            and ways.money_known_on >= ends.working_day_on
    where ends.plan_vnd > 0
),

spans as (
    select
        ends.board_code,
        ends.budget_year,
        ends.denominator,
        ends.money_known_on,
        ends.working_days_left,
        ends.is_simulated,
        ends.working_day_on,
        ends.plan_vnd,
        ends.paid_vnd - starts.paid_vnd as paid_vnd
    from ways_to_ends as ends
    inner join starts
        on
            ends.board_code = starts.board_code
            and ends.end_budget_year = starts.budget_year
            and ends.denominator = starts.denominator
            and ends.start_working_day_number = starts.working_day_number
            and ends.start_covered_working_days = starts.covered_working_days
),

kinds as (
    select false as for_simulated
    union all
    select true as for_simulated
),

ranked as (
    select
        spans.*,
        kinds.for_simulated,
        row_number() over (
            partition by
                spans.board_code,
                spans.budget_year,
                spans.denominator,
                spans.money_known_on,
                spans.working_days_left,
                kinds.for_simulated
            order by
                cast(spans.paid_vnd as double) / cast(spans.plan_vnd as double) desc,
                spans.working_day_on desc
        ) as row_number
    from spans
    inner join kinds on kinds.for_simulated or not spans.is_simulated
)

select
    board_code,
    budget_year,
    denominator,
    money_known_on,
    working_days_left,
    for_simulated,
    working_day_on as best_pace_to_on,
    cast(paid_vnd as decimal(18, 0)) as best_paid_vnd,
    plan_vnd as best_plan_vnd,
    cast(
        round(
            cast(paid_vnd as double) * 100 / (cast(plan_vnd as double) * cast(working_days_left as double)), 4
        ) as decimal(12, 4)
    ) as best_pace_pct
from ranked
where row_number = 1

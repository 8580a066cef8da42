-- Weekdays other than the days on which the Treasury is closed, numbered consecutively: the working days between two
-- days are the difference of their numbers. What is posted on a day off belongs to the working day before it.
with spans as (
    select
        min(on_date) as first_on,
        max(on_date) as last_on
    from {{ ref('int_budget_calendar') }}
),

day_numbers as (
    select cast(days.day_number as integer) as day_number
    from unnest(generate_series(0, 80000)) as days (day_number)
),

days as (
    select spans.first_on + day_numbers.day_number as on_date
    from spans
    inner join day_numbers on spans.first_on + day_numbers.day_number <= spans.last_on
),

marked as (
    select
        days.on_date,
        -- 1 January 1900 was a Monday
        mod(date_diff('day', date '1900-01-01', days.on_date), 7) < 5 and closed.closed_on is null as is_working_day,
        coverage.covered_from_on is not null as is_covered
    from days
    left join {{ ref('treasury_closed_days') }} as closed on days.on_date = closed.closed_on
    left join {{ ref('int_treasury_coverage') }} as coverage
        on days.on_date between coverage.covered_from_on and coverage.covered_to_on
)

select
    on_date,
    is_working_day,
    is_covered,
    max(case when is_working_day then on_date end) over (
        order by on_date rows between unbounded preceding and current row
    ) as working_day_on,
    cast(
        sum(case when is_working_day then 1 else 0 end) over (
            order by on_date rows between unbounded preceding and current row
        ) as integer
    ) as working_day_number,
    cast(
        sum(case when is_working_day and is_covered then 1 else 0 end) over (
            order by on_date rows between unbounded preceding and current row
        ) as integer
    ) as covered_working_days
from marked

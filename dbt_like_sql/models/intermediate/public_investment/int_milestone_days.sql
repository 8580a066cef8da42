-- From a day to a milestone: up to which day money is known, when the milestone's own money is due, and on how many
-- days the Treasury still works. For the newest money these count from the day after the run, because one can act only
-- from then on; for a past day from that day, as it then was.
with schedules as (
    select max(case when feed = 'treasury_disbursement' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
),

milestones as (
    select distinct
        {{ year_number('period') }} as budget_year,
        deadline_on as milestone_on
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate' and threshold is not null
),

-- a day is complete for deliveries released after it
whole_days as (
    select max(least(covered_to_on, released_on - 1)) as whole_to_on
    from {{ ref('int_treasury_spans') }}
),

today as (
    select max(working_day_number) as working_day_number
    from {{ ref('int_treasury_working_days') }}
    where on_date <= {{ var('as_of') }}
),

ways as (
    select
        days.budget_year,
        days.on_date,
        days.money_known_on,
        milestones.milestone_on,
        days.is_money_known
        and days.on_date = milestones.milestone_on
        and days.on_date <= whole_days.whole_to_on as is_final,
        last_day(milestones.milestone_on) + coalesce(schedules.due_days, 0) as final_due_on,
        days.money_known_on = days.newest_money_known_on as is_newest_money,
        ends.working_day_number as last_working_day,
        case
            when days.money_known_on = days.newest_money_known_on then today.working_day_number
            else starts.working_day_number
        end as gone_working_days
    from {{ ref('int_disbursement_days') }} as days
    cross join schedules
    cross join today
    cross join whole_days
    inner join milestones
        on
            days.budget_year = milestones.budget_year
            and days.on_date <= milestones.milestone_on
    inner join {{ ref('int_treasury_working_days') }} as ends on milestones.milestone_on = ends.on_date
    left join {{ ref('int_treasury_working_days') }} as starts
        on coalesce(days.money_known_on, days.on_date) = starts.on_date
    where days.is_shown
)

select
    budget_year,
    on_date,
    milestone_on,
    money_known_on,
    is_final,
    final_due_on,
    coalesce(is_newest_money, false) as is_newest_money,
    cast(greatest(last_working_day - gone_working_days, 0) as integer) as working_days_left
from ways

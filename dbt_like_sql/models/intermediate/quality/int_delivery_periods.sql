-- Every period of each feed with a due day, from the year of the first directive to the current period, and what else
-- was delivered since. A period has arrived when an accepted delivery covers its last day: one that was released after
-- it or, for a quarter or a year, an estimate of its last month. A snapshot covers earlier periods too. A due day that
-- is not a working day moves to the next one (Civil Code 2015, article 148). Nothing was asked for before any
-- directive.
with directive as (
    select
        min(issued_on) as first_issued_on,
        make_date(cast(year(min(issued_on)) as integer), 1, 1) as first_on
    from {{ ref('directives') }}
),

deliveries as (
    select
        feed,
        period,
        supplier,
        period_first_on,
        period_last_on,
        released_on,
        is_simulated,
        status in ('accepted', 'accepted_in_part') as is_accepted
    from {{ ref('stg_deliveries') }}
    where
        released_on is not null
        and period_last_on is not null
        and status <> 'withdrawn'
),

scheduled as (
    select
        schedules.feed,
        schedules.supplier,
        schedules.kind,
        schedules.frequency,
        periods.period,
        periods.first_day_on,
        periods.last_day_on,
        periods.last_day_on + schedules.due_days as scheduled_on
    from {{ source('contracts', 'schedules') }} as schedules
    cross join directive
    inner join {{ ref('int_periods') }} as periods
        on
            periods.period_type
            = case schedules.frequency when 'monthly' then 'month' when 'quarterly' then 'quarter' else 'year' end
            and directive.first_on <= periods.first_day_on
            and periods.first_day_on <= {{ var('as_of') }}
    where schedules.frequency <> 'irregular'
),

day_numbers as (
    select cast(days.day_number as integer) as day_number
    from unnest(generate_series(0, 20)) as days (day_number)
),

working_days as (
    select
        scheduled.feed,
        scheduled.period,
        min(scheduled.scheduled_on + day_numbers.day_number) as due_on
    from scheduled
    cross join day_numbers
    left join {{ ref('treasury_closed_days') }} as closed
        on scheduled.scheduled_on + day_numbers.day_number = closed.closed_on
    left join {{ ref('tet_days') }} as tet
        on
            scheduled.scheduled_on + day_numbers.day_number
            between tet.tet_holiday_first_on and tet.tet_holiday_last_on
    where
        closed.closed_on is null
        and tet.calendar_year is null
        -- 1 January 1900 was a Monday
        and mod(date_diff('day', date '1900-01-01', scheduled.scheduled_on + day_numbers.day_number), 7) < 5
    group by scheduled.feed, scheduled.period
),

answers as (
    select
        scheduled.feed,
        scheduled.period,
        min(case when deliveries.is_accepted then deliveries.released_on end) as accepted_on,
        max(case when not deliveries.is_accepted then deliveries.released_on end) as refused_on,
        {{ any_simulated('deliveries.is_simulated') }} as is_simulated
    from scheduled
    inner join deliveries
        on
            scheduled.feed = deliveries.feed
            and scheduled.last_day_on <= deliveries.period_last_on
            and (scheduled.kind = 'snapshot' or deliveries.period_first_on <= scheduled.last_day_on)
            and (
                scheduled.last_day_on < deliveries.released_on
                or (
                    scheduled.frequency <> 'monthly'
                    and scheduled.last_day_on = deliveries.period_last_on
                    and scheduled.last_day_on < deliveries.released_on + 31
                )
            )
    group by scheduled.feed, scheduled.period
),

expected as (
    select
        scheduled.feed,
        scheduled.period,
        scheduled.supplier,
        scheduled.first_day_on,
        scheduled.last_day_on,
        working_days.due_on,
        answers.accepted_on,
        answers.refused_on,
        working_days.due_on >= directive.first_issued_on as is_expected,
        coalesce(answers.is_simulated, false) as is_simulated
    from scheduled
    cross join directive
    inner join working_days
        on
            scheduled.feed = working_days.feed
            and scheduled.period = working_days.period
    left join answers
        on
            scheduled.feed = answers.feed
            and scheduled.period = answers.period
),

irregular as (
    select
        deliveries.feed,
        deliveries.period,
        max(deliveries.supplier) as supplier,
        min(deliveries.period_first_on) as first_day_on,
        max(deliveries.period_last_on) as last_day_on,
        cast(null as date) as due_on,
        min(case when deliveries.is_accepted then deliveries.released_on end) as accepted_on,
        max(case when not deliveries.is_accepted then deliveries.released_on end) as refused_on,
        false as is_expected,
        {{ any_simulated('deliveries.is_simulated') }} as is_simulated
    from deliveries
    inner join {{ source('contracts', 'schedules') }} as schedules on deliveries.feed = schedules.feed
    where schedules.frequency = 'irregular'
    group by deliveries.feed, deliveries.period
),

judged as (
    select
        *,
        case
            when accepted_on is not null then 'in'
            when refused_on is not null then 'refused'
            when not is_expected then 'not_expected'
            when due_on < {{ var('as_of') }} then 'late'
            else 'due'
        end as status
    from (
        select * from expected
        union all
        select * from irregular
    ) as all_periods
)

select
    feed,
    period,
    supplier,
    first_day_on,
    last_day_on,
    due_on,
    coalesce(accepted_on, refused_on) as received_on,
    cast(
        case
            when is_expected and status <> 'due'
                then greatest(date_diff('day', due_on, coalesce(accepted_on, {{ var('as_of') }})), 0)
        end as integer
    ) as days_late,
    status,
    is_simulated
from judged

-- One row for each period that a mart may speak of: the periods of the calendar, and each day and stretch of periods
-- that a delivery, an item or its evidence names. Those are compared with no year before.
with named as (
    select period from {{ ref('dim_directive_item') }}
    union
    select period from {{ ref('delivery_calendar') }}
    union
    select period from {{ ref('delivery_quality') }}
    union
    select period from {{ ref('findings') }}
    union
    select period from {{ ref('scorecard_history') }}
    union
    select evidence_period as period from {{ ref('scorecard_history') }}
    union
    select evidence_period as period from {{ ref('directive_scorecard') }}
),

parts as (
    select
        named.period,
        {{ period_type_of('named.period') }} as period_type,
        {{ first_part_of('named.period') }} as first_part,
        {{ last_part_of('named.period') }} as last_part
    from named
    left join {{ ref('int_periods') }} as calendar on named.period = calendar.period
    where named.period is not null and calendar.period is null
),

spans as (
    select
        parts.period,
        parts.period_type,
        case
            when {{ is_day('parts.first_part') }} then cast(parts.first_part as date) else opening.first_day_on
        end as first_day_on,
        case
            when {{ is_day('parts.last_part') }} then cast(parts.last_part as date) else closing.last_day_on
        end as last_day_on
    from parts
    left join {{ ref('int_periods') }} as opening on parts.first_part = opening.period
    left join {{ ref('int_periods') }} as closing on parts.last_part = closing.period
)

select
    calendar.period,
    calendar.period_type,
    calendar.calendar_year,
    calendar.last_month_of_year,
    calendar.first_day_on,
    calendar.last_day_on,
    year_before.period as period_year_before,
    calendar.is_cumulative,
    calendar.contains_tet,
    calendar.tet_first_on,
    calendar.tet_days,
    calendar.is_distorted_by_tet
from {{ ref('int_periods') }} as calendar
left join {{ ref('int_periods') }} as year_before on calendar.period_year_before = year_before.period
union all
select
    period,
    period_type,
    case
        when year(first_day_on) = year(last_day_on) then cast(year(last_day_on) as integer)
    end as calendar_year,
    cast(null as integer) as last_month_of_year,
    first_day_on,
    last_day_on,
    cast(null as varchar) as period_year_before,
    false as is_cumulative,
    cast(null as boolean) as contains_tet,
    cast(null as date) as tet_first_on,
    cast(null as integer) as tet_days,
    false as is_distorted_by_tet
from spans

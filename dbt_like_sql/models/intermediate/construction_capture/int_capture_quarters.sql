-- The quarters that are judged: from the first to the last that the survey covers, and on to the last quarter of a
-- directive's period once its returns are due, so that a quarter without returns is judged too.
with surveyed as (
    select
        min(quarter) as first_quarter,
        max(quarter) as last_quarter
    from {{ ref('stg_construction_survey') }}
),

last_item as (
    select max({{ last_quarter_of('period') }}) as last_quarter
    from {{ ref('directive_items') }}
    where indicator in ('construction_coverage', 'survey_response_rate')
),

schedule as (
    select max(case when feed = 'construction_survey' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
)

select
    quarters.period as quarter,
    cast({{ year_before('quarters.period') }} as varchar) as quarter_year_before,
    quarters.calendar_year,
    quarters.first_day_on,
    quarters.last_day_on,
    cast(quarters.last_day_on + coalesce(schedule.due_days, 0) as date) as due_on
from {{ ref('int_periods') }} as quarters
cross join surveyed
cross join last_item
cross join schedule
where
    quarters.period_type = 'quarter'
    and quarters.first_day_on <= {{ var('as_of') }}
    and quarters.period >= surveyed.first_quarter
    and (
        quarters.period <= surveyed.last_quarter
        or (
            quarters.period <= last_item.last_quarter
            and quarters.last_day_on + coalesce(schedule.due_days, 0) < {{ var('as_of') }}
        )
    )

-- Construction projects that were to begin by the newest report and run in the item's period, each late or not: begun
-- or ended after its planned day, or not yet although that day is past.
with coverage as (
    select least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_construction_schedules') }}
),

office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'construction_schedules' and option = 'area_code'
)

select
    spans.directive,
    spans.item,
    projects.schedule_no,
    spans.first_on,
    least(spans.last_on, coverage.known_until_on) as until_on,
    coverage.known_until_on >= spans.last_on as is_over,
    projects.planned_start_on,
    projects.planned_finish_on,
    projects.started_on,
    projects.completed_on,
    coalesce(projects.started_on > projects.planned_start_on, true)
    or coalesce(
        coalesce(projects.completed_on, coverage.known_until_on) > projects.planned_finish_on, false
    ) as is_late,
    projects.released_on,
    projects.delivery_id,
    projects.is_simulated,
    projects.source_file,
    projects.source_sheet,
    projects.source_row
from {{ ref('int_item_spans') }} as spans
cross join coverage
inner join office on spans.area_code = office.area_code
inner join {{ ref('stg_construction_schedules') }} as projects
    on
        projects.planned_start_on <= least(spans.last_on, coverage.known_until_on)
        and coalesce(projects.completed_on >= spans.first_on, true)
where spans.indicator = 'construction_projects_on_schedule'

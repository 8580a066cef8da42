-- Projects of social housing that were approved and started in the period of the item, and in the same days a year
-- before: up to the day to which the register is known.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'social_housing' and option = 'area_code'
),

known as (
    select least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_social_housing') }}
)

select
    spans.directive,
    spans.item,
    projects.project_id,
    projects.dwellings,
    spans.threshold,
    spans.first_on,
    spans.last_on,
    least(projects.released_on, {{ var('as_of') }}) as known_until_on,
    projects.approved_on is not null as is_approved,
    coalesce(
        projects.approved_on <= projects.started_on
        and projects.started_on between spans.first_on and spans.last_on,
        false
    ) as is_done,
    coalesce(
        projects.approved_on <= projects.started_on
        and projects.started_on between spans.first_on - interval '1' year
        and least(spans.last_on, known.known_until_on) - interval '1' year,
        false
    ) as is_done_year_before,
    projects.completed_on,
    projects.released_on,
    projects.delivery_id,
    projects.is_simulated,
    projects.source_file,
    projects.source_sheet,
    projects.source_row
from {{ ref('int_item_spans') }} as spans
inner join office on spans.area_code = office.area_code
cross join known
cross join {{ ref('stg_social_housing') }} as projects
where spans.indicator = 'social_housing_projects_started'

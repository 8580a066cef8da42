-- The register of social housing in force on the day: the newest delivery replaces what was there before.
with deliveries as (
    select
        delivery_id,
        row_number() over (
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'social_housing') }}
    where released_on <= {{ var('as_of') }}
    group by delivery_id, released_on, revision, is_simulated
)

select
    projects.delivery_id,
    projects.project_id,
    projects.approved_on,
    projects.started_on,
    projects.completed_on,
    projects.dwellings,
    projects.released_on,
    projects.revision,
    projects.is_simulated,
    projects.source_file,
    projects.source_sheet,
    projects.source_row
from {{ source('validated', 'social_housing') }} as projects
inner join deliveries on projects.delivery_id = deliveries.delivery_id and deliveries.row_number = 1
where projects.released_on <= {{ var('as_of') }}

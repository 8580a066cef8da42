-- Applications for a permit with the day by which they were to be answered. An answer that a district's newest delivery
-- cannot contain yet is not due; overdue and unanswered is late; an application that its owner withdrew is not counted.
with coverage as (
    select
        district_code,
        least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_building_permits') }}
    group by district_code
)

select
    districts.area_code,
    permits.district_code,
    permits.application_no,
    {{ quarter_of('permits.due_on') }} as quarter,
    permits.due_on,
    permits.answered_on,
    coverage.known_until_on,
    permits.due_on <= coverage.known_until_on as is_due,
    coalesce(permits.answered_on <= permits.due_on, false) as is_done,
    permits.released_on,
    permits.delivery_id,
    permits.is_simulated,
    permits.source_file,
    permits.source_sheet,
    permits.source_row
from {{ ref('stg_building_permits') }} as permits
inner join coverage on permits.district_code = coverage.district_code
left join {{ ref('int_districts') }} as districts
    on
        permits.district_code = districts.admin_unit_code
        and districts.admin_level = 'district'
where permits.due_on is not null and coalesce(permits.outcome, '') <> 'withdrawn'

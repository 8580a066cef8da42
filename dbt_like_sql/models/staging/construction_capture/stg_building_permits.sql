-- Applications for building permits as known on the day: the latest state of each.
with ranked as (
    select
        *,
        row_number() over (
            partition by application_no
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'building_permits') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    application_no,
    permit_no,
    kind,
    owner_type,
    owner_tax_code,
    contractor_tax_code,
    funding_source,
    district_code,
    commune_code,
    received_on,
    due_on,
    answered_on,
    outcome,
    issued_on,
    start_on,
    completed_on,
    floor_area_m2,
    plot_no,
    declared_value_mn,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

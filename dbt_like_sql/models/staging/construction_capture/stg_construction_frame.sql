-- Entries of the survey's frame as known on the day; an entry holds until the unit's next one.
with ranked as (
    select
        *,
        row_number() over (
            partition by frame_unit_id, valid_from
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'construction_frame') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    frame_unit_id,
    valid_from,
    cast(lead(valid_from) over (partition by frame_unit_id order by valid_from) - 1 as date) as valid_to,
    stratum,
    selection,
    tax_code,
    district_code,
    status,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

-- Returns of the survey as known on the day: a return that comes again for its quarter replaces the earlier one.
with ranked as (
    select
        *,
        row_number() over (
            partition by return_id, quarter
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'construction_survey') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    return_id,
    quarter,
    frame_unit_id,
    district_code,
    commune_code,
    stratum,
    selection,
    selection_probability,
    weight,
    contractor_tax_code,
    owner_tax_code,
    permit_no,
    funding_source,
    contractor_ownership,
    value_mn,
    floor_area_m2,
    plot_no,
    response_status,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

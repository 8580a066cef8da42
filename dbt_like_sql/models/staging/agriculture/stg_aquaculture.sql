-- Aquaculture by district, species and month as known on the day: the latest vintage of each row.
with ranked as (
    select
        *,
        row_number() over (
            partition by district_code, species, month
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'aquaculture') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    district_code,
    species,
    row_label,
    month,
    stocked_ha,
    of_which_high_tech_ha,
    damaged_ha,
    harvest_t,
    warnings_issued,
    seed_lots_checked,
    seed_lots_failed,
    {{ year_number('month') }} as calendar_year,
    {{ month_number('month') }} as month_of_year,
    {{ year_before('month') }} as month_year_before,
    missing_marks,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

-- Every month of the index of industrial production that was known on the day, in all its vintages.
select
    delivery_id,
    area_code,
    activity_code,
    month,
    {{ year_number('month') }} as calendar_year,
    {{ month_number('month') }} as month_of_year,
    {{ year_before('month') }} as month_year_before,
    index_level,
    base_year,
    index_yoy,
    index_mom,
    index_ytd,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from {{ source('validated', 'industrial_production_index') }}
where released_on <= {{ var('as_of') }}

-- What is known of the survey in each quarter and area: without its frame, or without any answer, nobody can say what
-- it left out. A district that no seed assigns to an area belongs to the area 'unknown'.
with framed as (
    select
        quarters.quarter,
        coalesce(districts.area_code, 'unknown') as area_code
    from {{ ref('stg_construction_frame') }} as frame
    inner join {{ ref('int_capture_quarters') }} as quarters on frame.valid_from <= quarters.last_day_on
    left join {{ ref('int_districts') }} as districts
        on
            frame.district_code = districts.admin_unit_code
            and districts.admin_level = 'district'
    group by quarters.quarter, coalesce(districts.area_code, 'unknown')
),

answered as (
    select
        quarter,
        coalesce(area_code, 'unknown') as area_code
    from {{ ref('int_survey_returns') }}
    where is_answered
    group by quarter, coalesce(area_code, 'unknown')
),

areas as (
    select coalesce(area_code, 'unknown') as area_code from {{ ref('int_listed_works') }}
    union
    select coalesce(area_code, 'unknown') as area_code from {{ ref('int_survey_returns') }}
    union
    select area_code from framed
)

select
    quarters.quarter,
    areas.area_code,
    framed.quarter is not null as has_frame,
    answered.quarter is not null as has_returns
from {{ ref('int_capture_quarters') }} as quarters
cross join areas
left join framed
    on
        quarters.quarter = framed.quarter
        and areas.area_code = framed.area_code
left join answered
    on
        quarters.quarter = answered.quarter
        and areas.area_code = answered.area_code

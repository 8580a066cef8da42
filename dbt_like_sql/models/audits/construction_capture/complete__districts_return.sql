-- A row is one district, quarter and stratum of which the survey should hold something: units that were asked, or units
-- of a take-all stratum with sites there; and one row for each district as a whole. It fails when no answer reports a
-- site there. Units are counted where the frame holds them, and may answer for another district's sites.
with domains as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        selection,
        n_permits,
        n_units_drawn,
        n_units_answered,
        n_units_never_asked,
        has_answers
    from {{ ref('int_capture_domains') }}
),

districts as (
    select
        area_code,
        quarter,
        district_code,
        sum(n_permits) as n_permits,
        sum(n_units_drawn) as n_units_drawn,
        sum(n_units_answered) as n_units_answered,
        max(case when has_answers then 1 else 0 end) = 1 as has_answers
    from domains
    group by area_code, quarter, district_code
),

expected as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        n_permits,
        n_units_drawn,
        n_units_answered,
        has_answers
    from domains
    where n_units_drawn + n_units_never_asked > 0
    union all
    select
        area_code,
        quarter,
        district_code,
        'total' as stratum,
        n_permits,
        n_units_drawn,
        n_units_answered,
        has_answers
    from districts
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    cast(n_permits as integer) as n_permits,
    cast(n_units_drawn as integer) as n_units_drawn,
    cast(n_units_answered as integer) as n_units_answered,
    has_answers as has_returned
from expected

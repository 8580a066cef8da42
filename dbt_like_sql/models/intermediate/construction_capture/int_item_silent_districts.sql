-- For each item on full capture: how many times a district returned nothing for a quarter of its period, and the newest
-- of them by name.
with names as (
    {{ names_of_districts() }}
),

silent as (
    select
        items.directive,
        items.item,
        districts.quarter,
        coalesce(names.name_en, districts.district_code) as district_en,
        coalesce(names.name_vi, districts.district_code) as district_vi,
        count(*) over (partition by items.directive, items.item) as n_silent,
        row_number() over (
            partition by items.directive, items.item order by districts.quarter desc, districts.district_code asc
        ) as row_number
    from {{ ref('int_capture_items') }} as items
    inner join {{ ref('complete__districts_return') }} as districts
        on
            districts.quarter between items.first_quarter and items.last_quarter
            and items.area_code = districts.area_code
    left join names on districts.district_code = names.admin_unit_code
    where districts.stratum = 'total' and not districts.has_returned
)

select
    directive,
    item,
    cast(n_silent as integer) as n_silent,
    district_en as silent_district_en,
    district_vi as silent_district_vi,
    quarter as silent_quarter
from silent
where row_number = 1

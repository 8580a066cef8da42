-- For each item on full capture: how many times a district returned nothing for a quarter of its period, all of them
-- and the newest by name, and how many units of take-all strata the frame has there of which the survey knows no row.
-- Which units of its samples were drawn nobody can say.
with names as (
    {{ names_of_districts() }}
),

unheard as (
    select
        quarter,
        district_code,
        count(*) as n_units
    from {{ ref('int_frame_units') }}
    where selection = 'take_all' and not is_drawn
    group by quarter, district_code
),

silent as (
    select
        items.directive,
        items.item,
        districts.quarter,
        districts.district_code,
        coalesce(names.name_en, districts.district_code) as district_en,
        coalesce(names.name_vi, districts.district_code) as district_vi,
        coalesce(unheard.n_units, 0) as n_units,
        'silent_district_quarter' as silent_codes,
        to_json({
            'district_en': coalesce(names.name_en, districts.district_code),
            'district_vi': coalesce(names.name_vi, districts.district_code),
            'quarter_when': districts.quarter
        }) as silent_values,
        row_number() over (
            partition by items.directive, items.item order by districts.quarter desc, districts.district_code asc
        ) as row_number
    from {{ ref('int_capture_items') }} as items
    inner join {{ ref('complete__districts_return') }} as districts
        on
            districts.quarter between items.first_quarter and items.last_quarter
            and items.area_code = districts.area_code
    left join names on districts.district_code = names.admin_unit_code
    left join unheard
        on
            districts.quarter = unheard.quarter
            and districts.district_code = unheard.district_code
    where districts.stratum = 'total' and not districts.has_returned
)

select
    directive,
    item,
    cast(count(*) as integer) as n_silent,
    cast(sum(n_units) as integer) as n_units_unheard,
    max(case when row_number = 1 then district_en end) as silent_district_en,
    max(case when row_number = 1 then district_vi end) as silent_district_vi,
    max(quarter) as silent_quarter,
    string_agg(message_en(silent_codes, silent_values), '; ' order by quarter, district_code) as silent_districts_en,
    string_agg(message_vi(silent_codes, silent_values), '; ' order by quarter, district_code) as silent_districts_vi
from silent
group by directive, item

-- Listed works in each quarter in which they run or nearly run: dates on a register are plans, so a return may speak
-- of works some weeks before or after them. Only works that run on their dates are counted.
with spans as (
    select
        works.works_id,
        works.list_kind,
        works.permit_key,
        works.owner_type,
        works.owner_tax_key,
        works.contractor_tax_key,
        works.is_budget_funded,
        works.is_repeated,
        works.area_code,
        works.district_code,
        works.commune_code,
        works.assumed_stratum,
        works.floor_area_m2,
        works.is_value_imputed,
        works.is_time_imputed,
        quarters.quarter,
        coalesce(places.place_code, works.commune_code) as place_code,
        works.started_on <= quarters.last_day_on and works.ended_on >= quarters.first_day_on as is_running,
        greatest(
            datediff(
                'day', greatest(works.started_on, quarters.first_day_on), least(works.ended_on, quarters.last_day_on)
            ) + 1,
            0
        ) as days_in_quarter,
        datediff('day', works.started_on, works.ended_on) + 1 as days_in_all,
        works.works_value_mn
    from {{ ref('int_listed_works') }} as works
    inner join {{ ref('int_capture_quarters') }} as quarters
        on
            works.started_on <= quarters.last_day_on + 92
            and works.ended_on >= quarters.first_day_on - 92
    left join {{ ref('int_places') }} as places
        on
            works.commune_code = places.commune_code
            and quarters.quarter = places.quarter
            and works.listed_on between places.written_from_on and places.written_to_on
)

select
    works_id,
    quarter,
    list_kind,
    permit_key,
    owner_type,
    owner_tax_key,
    contractor_tax_key,
    is_budget_funded,
    is_repeated,
    area_code,
    district_code,
    commune_code,
    place_code,
    assumed_stratum,
    floor_area_m2,
    is_running,
    is_value_imputed,
    is_time_imputed,
    cast(days_in_quarter as integer) as days_in_quarter,
    cast(days_in_all as integer) as days_in_all,
    cast(
        round(cast(works_value_mn as double) * days_in_quarter / days_in_all, 3) as decimal(20, 3)
    ) as quarter_value_mn
from spans

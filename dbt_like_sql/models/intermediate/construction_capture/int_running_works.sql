-- Listed sites in each quarter in which they are, or nearly are, under construction: dates on a register are plans, so
-- a return may report a site some weeks earlier or later. Only sites whose dates fall into the quarter are counted. A
-- household reports its own site; others are reported by their contractor, or by their owner where the frame does not
-- hold the contractor. The stratum is that of the unit, else what the permit itself says; a return has both as well, so
-- that one rule divides lists and survey into strata.
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
        works.plot_key,
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
    spans.works_id,
    spans.quarter,
    spans.list_kind,
    spans.permit_key,
    spans.owner_type,
    spans.owner_tax_key,
    spans.contractor_tax_key,
    spans.is_budget_funded,
    spans.is_repeated,
    spans.area_code,
    spans.district_code,
    spans.commune_code,
    spans.place_code,
    spans.assumed_stratum,
    coalesce(contractors.frame_unit_id, owners.frame_unit_id) as frame_unit_id,
    coalesce(contractors.stratum, owners.stratum, spans.assumed_stratum) as stratum,
    coalesce(contractors.selection, owners.selection, strata.selection, 'take_all') as selection,
    spans.floor_area_m2,
    spans.plot_key,
    spans.is_running,
    spans.is_value_imputed,
    spans.is_time_imputed,
    cast(spans.days_in_quarter as integer) as days_in_quarter,
    cast(spans.days_in_all as integer) as days_in_all,
    {{ quarter_value_of('spans.works_value_mn', 'spans') }} as quarter_value_mn
from spans
left join {{ ref('int_units_by_tax_code') }} as contractors
    on
        spans.quarter = contractors.quarter
        and spans.contractor_tax_key = contractors.tax_key
        and coalesce(spans.owner_type, '') <> 'household'
left join {{ ref('int_units_by_tax_code') }} as owners
    on
        spans.quarter = owners.quarter
        and spans.owner_tax_key = owners.tax_key
left join {{ ref('construction_strata') }} as strata on spans.assumed_stratum = strata.stratum

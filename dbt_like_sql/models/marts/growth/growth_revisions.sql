-- The first release of each growth figure against every later one. A later release that confirms it is a revision of 0.
select
    later.area_code,
    later.sector_code,
    later.period,
    later.period_type,
    later.calendar_year,
    later.evidence_basis,
    later.is_simulated,
    later.vintage_number,
    later.vintage_number = 2 as is_next_release,
    later.vintage_number = later.vintages as is_latest_release,
    earliest.released_on as first_released_on,
    earliest.estimate_stage as first_estimate_stage,
    earliest.growth_yoy_pct as first_growth_pct,
    earliest.delivery_id as first_delivery_id,
    later.released_on as later_released_on,
    later.estimate_stage as later_estimate_stage,
    later.growth_yoy_pct as later_growth_pct,
    later.delivery_id as later_delivery_id,
    cast(later.growth_yoy_pct - earliest.growth_yoy_pct as decimal(12, 4)) as revision_pp
from {{ ref('int_growth_vintages') }} as later
inner join {{ ref('int_growth_vintages') }} as earliest
    on
        later.area_code = earliest.area_code
        and later.sector_code = earliest.sector_code
        and later.period = earliest.period
        and later.evidence_basis = earliest.evidence_basis
        and later.is_simulated = earliest.is_simulated
        and earliest.vintage_number = 1
where later.vintage_number > 1

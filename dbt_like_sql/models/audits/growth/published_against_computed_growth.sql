-- A row is one period of one sector for which growth was published and can be computed from levels as well. It fails
-- when the two differ by more than rounding.
select
    growth.delivery_id,
    growth.source_row,
    growth.area_code,
    growth.sector_code,
    growth.period,
    growth.growth_yoy_pct,
    published.growth_yoy_pct as published_growth_pct,
    published.released_on as published_growth_on,
    published.publisher,
    cast(published.growth_yoy_pct - growth.growth_yoy_pct as decimal(12, 4)) as published_minus_computed_pp,
    growth.is_simulated or published.is_simulated as is_simulated
from {{ ref('int_sector_growth') }} as growth
inner join {{ ref('int_published_growth') }} as published
    on
        growth.area_code = published.area_code
        and growth.sector_code = published.sector_code
        and growth.period = published.period
where growth.growth_yoy_pct is not null

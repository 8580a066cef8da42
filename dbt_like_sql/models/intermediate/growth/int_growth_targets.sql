-- The yearly growth target of an area and sector, one for each year: where several documents set one, the
-- directive's own number before a resolution's, and either before an assumption.
with growth_items as (
    select
        items.directive,
        items.item,
        items.area_code,
        items.sector_code,
        items.period,
        cast(items.period as integer) as calendar_year,
        items.comparator as target_comparator,
        cast(items.threshold as decimal(12, 4)) as target_growth_pct,
        items.basis,
        row_number() over (
            partition by items.area_code, items.sector_code, items.period
            order by
                case items.basis when 'directive' then 1 when 'resolution' then 2 else 3 end asc,
                items.directive desc,
                items.item asc
        ) as place
    from {{ ref('directive_items') }} as items
    inner join {{ ref('published_indicators') }} as indicators
        on items.indicator = indicators.indicator and items.sector_code = indicators.sector_code
    where
        items.threshold is not null
        and indicators.measure = 'growth_yoy'
        and length(items.period) = 4
)

select
    directive,
    item,
    area_code,
    sector_code,
    period,
    calendar_year,
    target_comparator,
    target_growth_pct,
    basis,
    place = 1 as is_leading_target
from growth_items

-- The growth targets of an area and sector: of a year, of its first months or of a quarter. Where several documents set
-- one for the same period, the directive's own number comes before a resolution's, and either before an assumption.
with growth_items as (
    select
        items.directive,
        items.item,
        items.area_code,
        items.sector_code,
        items.period,
        periods.period_type,
        periods.calendar_year,
        periods.last_month_of_year,
        periods.last_day_on,
        items.comparator as target_comparator,
        cast(items.threshold as decimal(12, 4)) as target_growth_pct,
        items.basis,
        row_number() over (
            partition by items.area_code, items.sector_code, items.period
            order by
                case items.basis when 'directive' then 1 when 'resolution' then 2 else 3 end asc,
                items.directive desc,
                items.item asc
        ) as row_number
    from {{ ref('directive_items') }} as items
    inner join {{ ref('published_indicators') }} as indicators
        on items.indicator = indicators.indicator and items.sector_code = indicators.sector_code
    inner join {{ ref('int_periods') }} as periods on items.period = periods.period
    where
        items.threshold is not null
        and indicators.measure = 'growth_yoy'
        and periods.period_type in ('year', 'quarter', 'ytd')
)

select
    directive,
    item,
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    last_month_of_year,
    last_day_on,
    target_comparator,
    target_growth_pct,
    basis,
    row_number = 1 as is_leading_target
from growth_items

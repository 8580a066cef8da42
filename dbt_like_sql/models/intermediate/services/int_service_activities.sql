-- Levels of the service activities that an item asks for, over the longest part of its year, counted from January, that
-- is over and known: an estimate of the year is no figure before the year ends. A seed lists the activities.
with candidates as (
    select
        spans.directive,
        spans.item,
        spans.last_on,
        growth.area_code,
        growth.sector_code,
        growth.period,
        growth.last_month_of_year,
        growth.value_constant_bn,
        growth.value_year_before_constant_bn,
        growth.growth_yoy_pct,
        growth.released_on,
        growth.delivery_id,
        growth.is_simulated,
        growth.source_file,
        growth.source_sheet,
        growth.source_row,
        dense_rank() over (
            partition by spans.directive, spans.item
            order by growth.last_month_of_year desc, growth.period asc
        ) as row_number
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('indicator_sectors') }} as sectors on spans.indicator = sectors.indicator
    inner join {{ ref('int_sector_growth') }} as growth
        on
            spans.area_code = growth.area_code
            and sectors.sector_code = growth.sector_code
            and growth.calendar_year = {{ year_number('spans.period') }}
    inner join {{ ref('int_periods') }} as periods
        on
            growth.period = periods.period
            and periods.last_day_on < {{ var('as_of') }}
    where
        {{ is_year('spans.period') }}
        and growth.growth_yoy_pct is not null
        and not growth.is_base_break
        and (growth.period_type in ('year', 'ytd') or growth.last_month_of_year = 3)
)

select
    directive,
    item,
    area_code,
    sector_code,
    period,
    last_month_of_year = month(last_on) as is_over,
    value_constant_bn,
    value_year_before_constant_bn,
    growth_yoy_pct,
    released_on,
    delivery_id,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from candidates
where row_number = 1

-- The published growth of each sector and period that counts on the day: published before simulated, then the latest
-- statement; of one day, an official's own words before a newspaper's.
with sector_statements as (
    select
        figures.area_code,
        indicators.sector_code,
        figures.period,
        figures.period_type,
        figures.calendar_year,
        figures.last_month_of_year,
        cast(figures.value as decimal(12, 4)) as growth_yoy_pct,
        figures.estimate_stage,
        figures.released_on,
        figures.publisher,
        figures.source_url,
        {{ source_row_of('figures') }},
        figures.is_simulated,
        row_number() over (
            partition by figures.area_code, indicators.sector_code, figures.period
            order by
                figures.is_simulated asc,
                figures.released_on desc,
                case when figures.trust = 'official_quoted' then 0 else 1 end asc,
                figures.source_url asc,
                figures.indicator asc
        ) as row_number
    from {{ ref('stg_published_figures') }} as figures
    inner join {{ ref('published_indicators') }} as indicators
        on figures.indicator = indicators.indicator and figures.measure = indicators.measure
    where
        indicators.measure = 'growth_yoy'
        and indicators.sector_code is not null
        and figures.period_type in ('year', 'quarter', 'ytd')
)

select
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    last_month_of_year,
    growth_yoy_pct,
    estimate_stage,
    released_on,
    publisher,
    source_url,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    is_simulated
from sector_statements
where row_number = 1

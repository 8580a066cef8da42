-- What was published, by the day, for an item that has figures other than growth: the newest part of its year that is
-- over and, separately, the newest statement about a part that is not: an estimate made before its period ends is no
-- result. The same part of the year before is given where it was published too; simulated and published figures are
-- never compared. Growth is what the publisher said of the figure on the day, else that of the two figures.
with stated as (
    select
        spans.directive,
        spans.item,
        spans.indicator,
        figures.indicator as published_indicator,
        figures.measure,
        figures.area_code,
        figures.period,
        periods.period_year_before,
        periods.last_day_on,
        periods.last_day_on >= {{ var('as_of') }} as is_forecast,
        periods.last_day_on >= spans.last_on as is_whole,
        cast(figures.value * wanted.factor as decimal(18, 4)) as value,
        wanted.factor,
        figures.unit,
        figures.released_on,
        figures.publisher,
        figures.delivery_id,
        figures.revision,
        figures.is_simulated,
        figures.source_file,
        figures.source_sheet,
        figures.source_row
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('published_evidence') }} as wanted on spans.indicator = wanted.indicator
    inner join {{ ref('stg_published_figures') }} as figures
        on
            spans.area_code = figures.area_code
            and wanted.published_indicator = figures.indicator
            and wanted.measure = figures.measure
            and wanted.unit = figures.unit
            and figures.period_type in ('year', 'ytd')
    inner join {{ ref('int_periods') }} as periods
        on
            figures.period = periods.period
            and periods.calendar_year = {{ year_number('spans.period') }}
            and periods.last_day_on >= spans.first_on
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item, published_indicator, is_forecast
            order by last_day_on desc, released_on desc, revision desc, delivery_id desc, source_row desc
        ) as row_number
    from stated
),

before as (
    select
        *,
        row_number() over (
            partition by area_code, indicator, measure, unit, period, is_simulated
            order by released_on desc, revision desc, delivery_id desc, source_row desc
        ) as row_number
    from {{ ref('stg_published_figures') }}
),

growths as (
    select
        area_code,
        indicator,
        period,
        released_on,
        publisher,
        is_simulated,
        max(value) as growth_pct
    from {{ ref('stg_published_figures') }}
    where measure = 'growth_yoy' and unit = 'percent'
    group by area_code, indicator, period, released_on, publisher, is_simulated
)

select
    ranked.directive,
    ranked.item,
    ranked.published_indicator,
    ranked.is_forecast,
    ranked.is_whole,
    ranked.period as evidence_period,
    ranked.value,
    cast(before.value * ranked.factor as decimal(18, 4)) as published_year_before,
    coalesce(
        try_cast(round(growths.growth_pct, 2) as decimal(12, 2)),
        try_cast(
            round(100 * (cast(ranked.value as double) / cast(nullif(before.value * ranked.factor, 0) as double) - 1), 2)
            as decimal(12, 2)
        )
    ) as growth_of_published_pct,
    ranked.released_on,
    ranked.publisher,
    ranked.delivery_id,
    ranked.is_simulated,
    ranked.source_file,
    ranked.source_sheet,
    ranked.source_row
from ranked
left join before
    on
        ranked.area_code = before.area_code
        and ranked.published_indicator = before.indicator
        and ranked.measure = before.measure
        and ranked.unit = before.unit
        and ranked.period_year_before = before.period
        and ranked.is_simulated = before.is_simulated
        and before.row_number = 1
left join growths
    on
        ranked.area_code = growths.area_code
        and ranked.published_indicator = growths.indicator
        and ranked.period = growths.period
        and ranked.released_on = growths.released_on
        and ranked.publisher = growths.publisher
        and ranked.is_simulated = growths.is_simulated
where ranked.row_number = 1

-- Every growth figure ever released by the day, vintage after vintage. A computed growth comes from the levels of one
-- delivery alone, in one price base (where a delivery has two, the newest in which growth can be computed), so that a
-- restated base counts as part of its vintage; levels of a year or of its first months that a delivery does not give
-- are added up from its quarters. A published growth is a vintage of the day on which it was stated.
with computed as (
    select
        whole.area_code,
        whole.sector_code,
        whole.period,
        whole.period_type,
        whole.calendar_year,
        whole.last_month_of_year,
        'computed_from_levels' as evidence_basis,
        cast(
            round(
                100 * (
                    cast(whole.value_constant_bn as double) / cast(before.value_constant_bn as double) - 1
                ), 4
            ) as decimal(12, 4)
        ) as growth_yoy_pct,
        whole.estimate_stage,
        whole.released_on,
        whole.revision,
        whole.delivery_id,
        whole.is_simulated,
        row_number() over (
            partition by whole.delivery_id, whole.area_code, whole.sector_code, whole.period
            order by whole.base_code desc
        ) as row_number
    from {{ ref('int_vintage_levels') }} as whole
    inner join {{ ref('int_vintage_levels') }} as before
        on
            whole.delivery_id = before.delivery_id
            and whole.area_code = before.area_code
            and whole.sector_code = before.sector_code
            and before.period = {{ year_before('whole.period') }}
            and whole.base_code = before.base_code
    left join {{ ref('base_breaks') }} as base_breaks
        on
            whole.area_code = base_breaks.area_code
            and whole.calendar_year = base_breaks.break_year
    where before.value_constant_bn > 0 and base_breaks.break_year is null
),

published as (
    select
        figures.area_code,
        indicators.sector_code,
        figures.period,
        figures.period_type,
        figures.calendar_year,
        figures.last_month_of_year,
        'published_growth' as evidence_basis,
        cast(figures.value as decimal(12, 4)) as growth_yoy_pct,
        figures.estimate_stage,
        figures.released_on,
        figures.revision,
        figures.delivery_id,
        figures.is_simulated,
        row_number() over (
            partition by
                figures.area_code,
                indicators.sector_code,
                figures.period,
                figures.released_on,
                figures.is_simulated
            order by
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
),

vintages as (
    select
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        evidence_basis,
        growth_yoy_pct,
        estimate_stage,
        released_on,
        revision,
        delivery_id,
        is_simulated
    from computed
    where row_number = 1
    union all
    select
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        evidence_basis,
        growth_yoy_pct,
        estimate_stage,
        released_on,
        revision,
        delivery_id,
        is_simulated
    from published
    where row_number = 1
)

select
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    last_month_of_year,
    evidence_basis,
    is_simulated,
    cast(
        row_number() over (
            partition by area_code, sector_code, period, evidence_basis, is_simulated
            order by released_on asc, revision asc, delivery_id asc
        ) as integer
    ) as vintage_number,
    cast(
        count(*) over (partition by area_code, sector_code, period, evidence_basis, is_simulated) as integer
    ) as vintages,
    growth_yoy_pct,
    estimate_stage,
    released_on,
    delivery_id
from vintages

-- Every growth figure ever released by the day, vintage after vintage. A computed growth comes from the levels of one
-- delivery alone, in one price base (of two side by side the newest that can grow), so that a restated base counts as
-- part of its vintage; levels of a year or of its first months that a
-- delivery does not give are added up from its quarters. A published growth is a vintage of the day it was said.
with levels as (
    select
        delivery_id,
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        base_code,
        case estimate_stage
            when 'estimate_1' then 1
            when 'estimate_2' then 2
            when 'preliminary' then 3
            when 'official' then 4
        end as stage_place,
        released_on,
        revision,
        is_simulated
    from {{ ref('stg_grdp') }}
    where value_constant_bn is not null and period_type in ('year', 'quarter', 'ytd')
),

spans as (
    select distinct last_month_of_year as span_months
    from levels
    where period_type = 'quarter'
),

sums as (
    select
        quarters.delivery_id,
        quarters.area_code,
        quarters.sector_code,
        quarters.calendar_year,
        spans.span_months,
        quarters.base_code,
        sum(quarters.value_constant_bn) as value_constant_bn,
        case when count(quarters.stage_place) = count(*) then min(quarters.stage_place) end as stage_place,
        max(quarters.released_on) as released_on,
        max(quarters.revision) as revision,
        {{ any_simulated('quarters.is_simulated') }} as is_simulated
    from levels as quarters
    inner join spans on quarters.last_month_of_year <= spans.span_months
    where quarters.period_type = 'quarter'
    group by
        quarters.delivery_id,
        quarters.area_code,
        quarters.sector_code,
        quarters.calendar_year,
        spans.span_months,
        quarters.base_code
    having count(*) * 3 = spans.span_months
),

added_up as (
    select
        *,
        case
            when span_months = 12 then cast(calendar_year as varchar)
            else cast(calendar_year as varchar) || '-' || cast(span_months as varchar) || 'M'
        end as period
    from sums
),

whole as (
    select
        delivery_id,
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        base_code,
        stage_place,
        released_on,
        revision,
        is_simulated
    from levels
    union all
    select
        added_up.delivery_id,
        added_up.area_code,
        added_up.sector_code,
        added_up.period,
        case when added_up.span_months = 12 then 'year' else 'ytd' end as period_type,
        added_up.calendar_year,
        added_up.span_months as last_month_of_year,
        added_up.value_constant_bn,
        added_up.base_code,
        added_up.stage_place,
        added_up.released_on,
        added_up.revision,
        added_up.is_simulated
    from added_up
    left join levels
        on
            added_up.delivery_id = levels.delivery_id
            and added_up.area_code = levels.area_code
            and added_up.sector_code = levels.sector_code
            and added_up.period = levels.period
            and added_up.base_code = levels.base_code
    where levels.period is null and added_up.span_months > 3
),

computed as (
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
        whole.stage_place,
        whole.released_on,
        whole.revision,
        whole.delivery_id,
        whole.is_simulated,
        row_number() over (
            partition by whole.delivery_id, whole.area_code, whole.sector_code, whole.period
            order by whole.base_code desc
        ) as place
    from whole
    inner join whole as before
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

said as (
    select
        figures.area_code,
        indicators.sector_code,
        figures.period,
        figures.period_type,
        figures.calendar_year,
        figures.last_month_of_year,
        'published_growth' as evidence_basis,
        cast(figures.value as decimal(12, 4)) as growth_yoy_pct,
        case figures.estimate_stage
            when 'estimate_1' then 1
            when 'estimate_2' then 2
            when 'preliminary' then 3
            when 'official' then 4
        end as stage_place,
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
        ) as place
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
        stage_place,
        released_on,
        revision,
        delivery_id,
        is_simulated
    from computed
    where place = 1
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
        stage_place,
        released_on,
        revision,
        delivery_id,
        is_simulated
    from said
    where place = 1
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
    case stage_place
        when 1 then 'estimate_1'
        when 2 then 'estimate_2'
        when 3 then 'preliminary'
        when 4 then 'official'
    end as estimate_stage,
    released_on,
    delivery_id
from vintages

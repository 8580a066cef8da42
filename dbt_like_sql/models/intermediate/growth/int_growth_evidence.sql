-- The one growth figure that speaks for each area, sector and period on the day.
-- Precedence: simulated never displaces published; growth computed from levels of the statistics office before a
-- published growth rate; then the latest release. An index of production is no evidence for value added.
with candidates as (
    select
        growth.area_code,
        growth.sector_code,
        growth.period,
        growth.period_type,
        growth.calendar_year,
        growth.last_month_of_year,
        growth.growth_yoy_pct,
        growth.contribution_pp,
        cast(round(growth.value_constant_bn, 4) as decimal(18, 4)) as level_constant_bn,
        cast(round(growth.value_year_before_constant_bn, 4) as decimal(18, 4))
            as level_year_before_constant_bn,
        growth.base_year,
        growth.level_basis,
        growth.is_one_vintage,
        growth.estimate_stage,
        growth.released_on,
        coalesce(offices.publisher, say_vi('publisher_statistics_office', '{}')) as publisher,
        cast(null as varchar) as source_url,
        growth.delivery_id,
        growth.source_file,
        growth.source_sheet,
        growth.source_row,
        growth.is_simulated,
        'computed_from_levels' as evidence_basis,
        1 as basis_place
    from {{ ref('int_sector_growth') }} as growth
    left join {{ ref('statistics_offices') }} as offices on growth.area_code = offices.area_code
    where growth.growth_yoy_pct is not null
    union all
    select
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        growth_yoy_pct,
        cast(null as decimal(12, 4)) as contribution_pp,
        cast(null as decimal(18, 4)) as level_constant_bn,
        cast(null as decimal(18, 4)) as level_year_before_constant_bn,
        cast(null as integer) as base_year,
        cast(null as varchar) as level_basis,
        cast(null as boolean) as is_one_vintage,
        estimate_stage,
        released_on,
        publisher,
        source_url,
        delivery_id,
        source_file,
        source_sheet,
        source_row,
        is_simulated,
        'published_growth' as evidence_basis,
        2 as basis_place
    from {{ ref('int_published_growth') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period
            order by is_simulated asc, basis_place asc, released_on desc
        ) as place
    from candidates
)

select
    ranked.area_code,
    ranked.sector_code,
    ranked.period,
    ranked.period_type,
    ranked.calendar_year,
    ranked.last_month_of_year,
    ranked.growth_yoy_pct,
    ranked.contribution_pp,
    ranked.level_constant_bn,
    ranked.level_year_before_constant_bn,
    ranked.base_year,
    ranked.level_basis,
    ranked.is_one_vintage,
    ranked.estimate_stage,
    ranked.released_on,
    ranked.publisher,
    ranked.source_url,
    ranked.delivery_id,
    ranked.source_file,
    ranked.source_sheet,
    ranked.source_row,
    ranked.is_simulated,
    ranked.evidence_basis,
    published.growth_yoy_pct as published_growth_pct,
    published.released_on as published_growth_on
from ranked
left join {{ ref('int_published_growth') }} as published
    on
        ranked.area_code = published.area_code
        and ranked.sector_code = published.sector_code
        and ranked.period = published.period
        and (ranked.is_simulated or not published.is_simulated)
where ranked.place = 1

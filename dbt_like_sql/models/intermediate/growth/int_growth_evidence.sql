-- The one growth figure that counts for each area, sector and period on the day. Precedence: simulated figures never
-- displace published ones; growth computed from levels of the statistics office comes before a published growth rate;
-- then the latest release. An index of production is no evidence of value added. Where only growth is published, it
-- contributes growth x the sector's share of GRDP a year before, where that is known in one price base; a share may be
-- simulated where the growth is not, and then the contribution says so. What GRDP contributes is its own growth,
-- whatever its levels are.
with published as (
    select
        figures.*,
        cast(
            round(
                cast(figures.growth_yoy_pct as double)
                * cast(sector.value_constant_bn as double) / nullif(cast(whole.value_constant_bn as double), 0),
                4
            ) as decimal(12, 4)
        ) as contribution_pp,
        case
            when whole.value_constant_bn > 0
                then
                    figures.is_simulated
                    or (figures.sector_code <> 'GRDP' and (sector.is_simulated or whole.is_simulated))
        end as is_contribution_simulated
    from {{ ref('int_published_growth') }} as figures
    left join {{ ref('int_sector_growth') }} as sector
        on
            figures.area_code = sector.area_code
            and figures.sector_code = sector.sector_code
            and sector.period = {{ year_before('figures.period') }}
    left join {{ ref('int_sector_growth') }} as whole
        on
            sector.area_code = whole.area_code
            and sector.period = whole.period
            and sector.base_code = whole.base_code
            and whole.sector_code = 'GRDP'
),

candidates as (
    select
        growth.area_code,
        growth.sector_code,
        growth.period,
        growth.period_type,
        growth.calendar_year,
        growth.last_month_of_year,
        growth.growth_yoy_pct,
        growth.contribution_pp,
        case when growth.contribution_pp is not null then growth.is_simulated end as is_contribution_simulated,
        cast(round(growth.value_constant_bn, 4) as decimal(18, 4)) as level_constant_bn,
        cast(round(growth.value_year_before_constant_bn, 4) as decimal(18, 4))
            as level_year_before_constant_bn,
        growth.base_year,
        growth.level_basis,
        growth.is_one_vintage,
        growth.is_linked,
        growth.link_year,
        growth.exact_linking_factor,
        growth.estimate_stage,
        growth.released_on,
        coalesce(offices.publisher, message_vi('publisher_statistics_office', '{}')) as publisher,
        cast(null as varchar) as source_url,
        {{ source_row_of('growth') }},
        growth.is_simulated,
        'computed_from_levels' as evidence_basis,
        1 as basis_rank
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
        contribution_pp,
        is_contribution_simulated,
        cast(null as decimal(18, 4)) as level_constant_bn,
        cast(null as decimal(18, 4)) as level_year_before_constant_bn,
        cast(null as integer) as base_year,
        cast(null as varchar) as level_basis,
        cast(null as boolean) as is_one_vintage,
        false as is_linked,
        cast(null as integer) as link_year,
        cast(null as decimal(24, 12)) as exact_linking_factor,
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
        2 as basis_rank
    from published
),

ranked as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period
            order by is_simulated asc, basis_rank asc, released_on desc
        ) as row_number
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
    ranked.is_contribution_simulated,
    ranked.level_constant_bn,
    ranked.level_year_before_constant_bn,
    ranked.base_year,
    ranked.level_basis,
    ranked.is_one_vintage,
    ranked.is_linked,
    ranked.link_year,
    ranked.exact_linking_factor,
    ranked.estimate_stage,
    ranked.released_on,
    ranked.publisher,
    ranked.source_url,
    {{ source_row_of('ranked') }},
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
        and {{ simulated_only_beside_simulated('ranked', 'published') }}
where ranked.row_number = 1

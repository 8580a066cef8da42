-- What each projection method says of each year from each starting point, using nothing later than that point.
-- share_of_year: the year is its level so far / the share that these quarters had of the latest earlier years.
-- seasonal_naive: the remaining quarters are those of the year before, grown as the last four known quarters grew.
-- growth_so_far: the whole year grows as it did so far. average: the plain mean of the methods that the seed names; no
-- weight is fitted. …_bridge_…: the remaining quarters grow as a monthly indicator says (int_index_bridge); ets:
-- int_ets_projections.
with origins as (
    select * from {{ ref('int_projection_origins') }}
    where share_of_year_before is not null and (quarters_known = 0 or growth_so_far_pct is not null)
),

share_years as (
    select {{ assumption('projection_share_years') }} as share_years
    from {{ ref('assumptions') }}
),

shares as (
    select
        origins.area_code,
        origins.sector_code,
        origins.target_year,
        origins.quarters_known,
        shares.share_of_year,
        row_number() over (
            partition by origins.area_code, origins.sector_code, origins.target_year, origins.quarters_known
            order by shares.calendar_year desc
        ) as years_back
    from origins
    inner join {{ ref('int_year_shares') }} as shares
        on
            origins.area_code = shares.area_code
            and origins.sector_code = shares.sector_code
            and origins.target_year > shares.calendar_year
            and origins.quarters_known = shares.quarters_known
            and origins.base_from_year = shares.base_from_year
            and {{ simulated_only_beside_simulated('origins', 'shares') }}
),

usual_shares as (
    select
        shares.area_code,
        shares.sector_code,
        shares.target_year,
        shares.quarters_known,
        cast(sum(shares.share_of_year) as double) / count(*) as usual_share
    from shares
    cross join share_years
    where shares.years_back <= share_years.share_years
    group by shares.area_code, shares.sector_code, shares.target_year, shares.quarters_known
),

by_share as (
    select
        origins.area_code,
        origins.sector_code,
        origins.target_year,
        origins.quarters_known,
        'share_of_year' as method,
        try_cast(
            round(
                100
                * (
                    (1 + cast(origins.growth_so_far_pct as double) / 100)
                    * cast(origins.share_of_year_before as double) / usual_shares.usual_share
                    - 1
                ),
                4
            ) as decimal(12, 4)
        ) as projected_growth_pct
    from origins
    inner join usual_shares
        on
            origins.area_code = usual_shares.area_code
            and origins.sector_code = usual_shares.sector_code
            and origins.target_year = usual_shares.target_year
            and origins.quarters_known = usual_shares.quarters_known
    where origins.quarters_known > 0
),

-- Quarters are numbered consecutively, four a year; the starting point's own is the last that is known.
last_four as (
    select
        origins.area_code,
        origins.sector_code,
        origins.target_year,
        origins.quarters_known,
        cast(sum(quarters.quarter_constant_bn) as double)
        / cast(sum(quarters.quarter_year_before_constant_bn) as double) as growth_factor
    from origins
    inner join {{ ref('int_year_parts') }} as quarters
        on
            origins.area_code = quarters.area_code
            and origins.sector_code = quarters.sector_code
            and quarters.calendar_year * 4 + quarters.quarters_known
            between origins.target_year * 4 + origins.quarters_known - 3
            and origins.target_year * 4 + origins.quarters_known
            and origins.base_from_year = quarters.base_from_year
            and {{ simulated_only_beside_simulated('origins', 'quarters') }}
    group by origins.area_code, origins.sector_code, origins.target_year, origins.quarters_known
    having
        count(quarters.quarter_constant_bn) = 4
        and count(quarters.quarter_year_before_constant_bn) = 4
        and sum(quarters.quarter_year_before_constant_bn) > 0
),

rest_grows as (
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        'seasonal_naive' as method,
        growth_factor
    from last_four
    union all
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        method,
        1 + cast(next_quarter_growth_pct as double) / 100 as growth_factor
    from {{ ref('int_index_bridge') }}
),

by_rest as (
    select
        origins.area_code,
        origins.sector_code,
        origins.target_year,
        origins.quarters_known,
        rest_grows.method,
        try_cast(
            round(
                100
                * (
                    cast(origins.share_of_year_before as double)
                    * (1 + coalesce(cast(origins.growth_so_far_pct as double), 0) / 100)
                    + (1 - cast(origins.share_of_year_before as double)) * rest_grows.growth_factor
                    - 1
                ),
                4
            ) as decimal(12, 4)
        ) as projected_growth_pct
    from origins
    inner join rest_grows
        on
            origins.area_code = rest_grows.area_code
            and origins.sector_code = rest_grows.sector_code
            and origins.target_year = rest_grows.target_year
            and origins.quarters_known = rest_grows.quarters_known
),

rungs as (
    select * from by_share
    union all
    select * from by_rest
    union all
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        'growth_so_far' as method,
        cast(round(growth_so_far_pct, 4) as decimal(12, 4)) as projected_growth_pct
    from origins
    where quarters_known > 0
    union all
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        method,
        projected_growth_pct
    from {{ ref('int_ets_projections') }}
),

runs as (
    select * from rungs
    union all
    select
        rungs.area_code,
        rungs.sector_code,
        rungs.target_year,
        rungs.quarters_known,
        'average' as method,
        cast(
            round(cast(sum(rungs.projected_growth_pct) as double) / count(rungs.projected_growth_pct), 4)
            as decimal(12, 4)
        ) as projected_growth_pct
    from rungs
    inner join {{ ref('projection_methods') }} as ladder on rungs.method = ladder.method
    where ladder.is_averaged and rungs.projected_growth_pct is not null
    group by rungs.area_code, rungs.sector_code, rungs.target_year, rungs.quarters_known
)

select
    runs.area_code,
    runs.sector_code,
    runs.target_year,
    runs.quarters_known,
    runs.method,
    runs.projected_growth_pct,
    origins.actual_growth_pct,
    cast(runs.projected_growth_pct - origins.actual_growth_pct as decimal(12, 4)) as projection_error_pp,
    origins.base_from_year,
    origins.is_simulated
from runs
inner join origins
    on
        runs.area_code = origins.area_code
        and runs.sector_code = origins.sector_code
        and runs.target_year = origins.target_year
        and runs.quarters_known = origins.quarters_known
where runs.projected_growth_pct is not null

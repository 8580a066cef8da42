-- How each way of projecting has done so far: one row for each area, sector, number of known quarters and method, over
-- all years that are over. `reconciled` is what is published, parts and whole adding up. Where there are real runs,
-- simulated ones do not count.
with projected as (
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        method,
        actual_growth_pct,
        projection_error_pp,
        low_50_pct,
        high_50_pct,
        low_80_pct,
        high_80_pct,
        is_simulated
    from {{ ref('int_projection_backtest') }}
    union all
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        'reconciled' as method,
        actual_growth_pct,
        cast(projected_growth_pct - actual_growth_pct as decimal(12, 4)) as projection_error_pp,
        low_50_pct,
        high_50_pct,
        low_80_pct,
        high_80_pct,
        is_simulated
    from {{ ref('int_growth_projections') }}
    where projected_growth_pct is not null
),

runs as (
    select
        *,
        min(case when is_simulated then 1 else 0 end) over (partition by area_code, sector_code) = 1 as all_simulated
    from projected
),

outcomes as (
    select
        *,
        case
            when actual_growth_pct between low_50_pct and high_50_pct then 1
            when low_50_pct is not null then 0
        end as is_within_50,
        case
            when actual_growth_pct between low_80_pct and high_80_pct then 1
            when low_80_pct is not null then 0
        end as is_within_80
    from runs
    where projection_error_pp is not null and (all_simulated or not is_simulated)
),

scores as (
    select
        area_code,
        sector_code,
        quarters_known,
        method,
        count(*) as n,
        min(target_year) as first_year,
        max(target_year) as last_year,
        sum(projection_error_pp) as sum_of_errors,
        sum(abs(projection_error_pp)) as sum_absolute,
        count(is_within_50) as intervals,
        sum(is_within_50) as within_50,
        sum(is_within_80) as within_80,
        {{ any_simulated('is_simulated') }} as is_simulated
    from outcomes
    group by area_code, sector_code, quarters_known, method
),

-- The method of the newest projection with as many quarters known.
newest as (
    select
        area_code,
        sector_code,
        quarters_known,
        method,
        row_number() over (partition by area_code, sector_code, quarters_known order by target_year desc) as row_number
    from {{ ref('int_growth_projections') }}
)

select
    scores.area_code,
    scores.sector_code,
    scores.quarters_known,
    scores.method,
    cast(scores.n as integer) as backtest_years,
    cast(scores.first_year as integer) as first_year,
    cast(scores.last_year as integer) as last_year,
    cast(round(cast(scores.sum_of_errors as double) / scores.n, 4) as decimal(12, 4)) as bias_pp,
    cast(round(cast(scores.sum_absolute as double) / scores.n, 4) as decimal(12, 4)) as mean_absolute_error_pp,
    cast(scores.intervals as integer) as intervals_judged,
    cast(round(100 * cast(scores.within_50 as double) / nullif(scores.intervals, 0), 4) as decimal(12, 4))
        as coverage_50_pct,
    cast(round(100 * cast(scores.within_80 as double) / nullif(scores.intervals, 0), 4) as decimal(12, 4))
        as coverage_80_pct,
    coalesce(scores.method = newest.method, false) as is_chosen,
    scores.is_simulated
from scores
left join newest
    on
        scores.area_code = newest.area_code
        and scores.sector_code = newest.sector_code
        and scores.quarters_known = newest.quarters_known
        and newest.row_number = 1

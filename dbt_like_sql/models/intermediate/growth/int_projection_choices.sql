-- The projection of each sector by itself, of each year from each starting point: the plain mean of two methods, or a
-- bridge equation from later months where its mean absolute error over at least three earlier years is smaller than
-- that of the mean over the same years: months begin later than accounts, and years that only one of them has seen
-- compare nothing. No weights are fitted. Without three earlier years there is no projection, nor without two earlier
-- errors to tell how far it may be off.
with newest as (
    select
        area_code,
        sector_code,
        max(target_year * 4 + quarters_known) as newest_origin
    from {{ ref('int_projection_origins') }}
    group by area_code, sector_code
),

-- What a bridge and the plain mean were off by in the years that both have seen.
both_seen as (
    select
        runs.area_code,
        runs.sector_code,
        runs.target_year,
        runs.quarters_known,
        runs.method,
        count(*) as n_years,
        round(cast(sum(abs(earlier.projection_error_pp)) as double), 6) as bridge_error,
        round(cast(sum(abs(plain.projection_error_pp)) as double), 6) as plain_error
    from {{ ref('int_projection_runs') }} as runs
    inner join {{ ref('int_projection_runs') }} as earlier
        on
            runs.area_code = earlier.area_code
            and runs.sector_code = earlier.sector_code
            and runs.quarters_known = earlier.quarters_known
            and runs.method = earlier.method
            and runs.target_year > earlier.target_year
            and runs.base_from_year = earlier.base_from_year
            and {{ simulated_only_beside_simulated('runs', 'earlier') }}
    inner join {{ ref('int_projection_runs') }} as plain
        on
            earlier.area_code = plain.area_code
            and earlier.sector_code = plain.sector_code
            and earlier.quarters_known = plain.quarters_known
            and earlier.target_year = plain.target_year
            and earlier.base_from_year = plain.base_from_year
            and plain.method = 'average'
    where
        runs.method like '%_bridge_%'
        and earlier.projection_error_pp is not null
        and plain.projection_error_pp is not null
    group by runs.area_code, runs.sector_code, runs.target_year, runs.quarters_known, runs.method
),

-- A month of an index after the known quarters is known only today: earlier starting points are judged without it.
candidates as (
    select
        backtest.*,
        row_number() over (
            partition by backtest.area_code, backtest.sector_code, backtest.target_year, backtest.quarters_known
            order by
                -- of bridges that take something off, the one that takes off most in the mean year
                coalesce((both_seen.plain_error - both_seen.bridge_error) / both_seen.n_years, 0) desc,
                ladder.ladder_place asc
        ) as row_number
    from {{ ref('int_projection_backtest') }} as backtest
    inner join {{ ref('projection_methods') }} as ladder on backtest.method = ladder.method
    inner join newest
        on
            backtest.area_code = newest.area_code
            and backtest.sector_code = newest.sector_code
    left join both_seen
        on
            backtest.area_code = both_seen.area_code
            and backtest.sector_code = both_seen.sector_code
            and backtest.target_year = both_seen.target_year
            and backtest.quarters_known = both_seen.quarters_known
            and backtest.method = both_seen.method
    where
        backtest.backtest_years >= 2
        and (
            ladder.method = 'average'
            or (
                ladder.needs_later_months
                and both_seen.n_years >= 3
                and both_seen.bridge_error < both_seen.plain_error
                and backtest.target_year * 4 + backtest.quarters_known = newest.newest_origin
            )
        )
)

select
    origins.area_code,
    origins.sector_code,
    origins.target_year,
    origins.quarters_known,
    origins.known_period,
    origins.earlier_years,
    origins.year_before_constant_bn,
    candidates.method,
    candidates.projected_growth_pct,
    accounts.projected_growth_pct as accounts_growth_pct,
    candidates.low_50_pct,
    candidates.high_50_pct,
    candidates.low_80_pct,
    candidates.high_80_pct,
    candidates.backtest_years,
    candidates.backtest_mean_absolute_error_pp,
    candidates.backtest_root_mean_square_error_pp,
    origins.actual_growth_pct,
    origins.released_on,
    origins.is_simulated
from {{ ref('int_projection_origins') }} as origins
left join candidates
    on
        origins.area_code = candidates.area_code
        and origins.sector_code = candidates.sector_code
        and origins.target_year = candidates.target_year
        and origins.quarters_known = candidates.quarters_known
        and candidates.row_number = 1
        and origins.earlier_years >= 3
left join {{ ref('int_projection_runs') }} as accounts
    on
        origins.area_code = accounts.area_code
        and origins.sector_code = accounts.sector_code
        and origins.target_year = accounts.target_year
        and origins.quarters_known = accounts.quarters_known
        and accounts.method = 'average'
        and candidates.method is not null

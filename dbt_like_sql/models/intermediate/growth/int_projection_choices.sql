-- The projection of each sector by itself, of each year from each starting point: the plain mean of two methods, or a
-- bridge equation from later months where its mean absolute error over at least three earlier years is smaller. No
-- weights are fitted. Without three earlier years there is no projection, nor without two earlier errors to tell how
-- far it may be off.
with newest as (
    select
        area_code,
        sector_code,
        max(target_year * 4 + quarters_known) as newest_origin
    from {{ ref('int_projection_origins') }}
    group by area_code, sector_code
),

-- A month of an index after the known quarters is known only today: earlier starting points are judged without it.
candidates as (
    select
        backtest.*,
        row_number() over (
            partition by backtest.area_code, backtest.sector_code, backtest.target_year, backtest.quarters_known
            order by
                case when backtest.backtest_years >= 3 then 0 else 1 end asc,
                case when backtest.backtest_years >= 3 then backtest.backtest_mean_absolute_error_pp end asc,
                ladder.ladder_place asc
        ) as row_number
    from {{ ref('int_projection_backtest') }} as backtest
    inner join {{ ref('projection_methods') }} as ladder on backtest.method = ladder.method
    inner join newest
        on
            backtest.area_code = newest.area_code
            and backtest.sector_code = newest.sector_code
    where
        backtest.backtest_years >= 2
        and (ladder.method = 'average' or ladder.needs_later_months)
        and (
            not ladder.needs_later_months
            or backtest.target_year * 4 + backtest.quarters_known = newest.newest_origin
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

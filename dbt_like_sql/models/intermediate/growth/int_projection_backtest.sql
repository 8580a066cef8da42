-- Each run of a projection method with the errors that the same method had made before, at the same number of known
-- quarters; only years before the run's year count. Intervals follow from them: projection +- t x s. A short history
-- says little about s, so s^2 is the mean square of the n own errors, pooled with a fixed number of years (a seed) at
-- the mean square of all main sectors of the area. t is Student's quantile with n degrees of freedom, by Wallace's
-- approximation t = sqrt(n (exp((z / c)^2 / n) - 1)), c = (8 n + 1) / (8 n + 3), z the normal quantile.
with errors as (
    select
        runs.area_code,
        runs.sector_code,
        runs.target_year,
        runs.quarters_known,
        runs.method,
        runs.projected_growth_pct,
        runs.actual_growth_pct,
        runs.projection_error_pp,
        runs.base_from_year,
        runs.is_simulated,
        cast(count(earlier.projection_error_pp) as integer) as backtest_years,
        cast(sum(abs(earlier.projection_error_pp)) as double) as sum_absolute,
        coalesce(
            sum(
                cast(earlier.projection_error_pp as decimal(18, 4))
                * cast(earlier.projection_error_pp as decimal(18, 4))
            ), 0
        ) as sum_of_squares
    from {{ ref('int_projection_runs') }} as runs
    left join {{ ref('int_projection_runs') }} as earlier
        on
            runs.area_code = earlier.area_code
            and runs.sector_code = earlier.sector_code
            and runs.quarters_known = earlier.quarters_known
            and runs.method = earlier.method
            and runs.target_year > earlier.target_year
            and runs.base_from_year = earlier.base_from_year
            and {{ simulated_only_beside_simulated('runs', 'earlier') }}
    group by
        runs.area_code,
        runs.sector_code,
        runs.target_year,
        runs.quarters_known,
        runs.method,
        runs.projected_growth_pct,
        runs.actual_growth_pct,
        runs.projection_error_pp,
        runs.base_from_year,
        runs.is_simulated
),

-- Sums of squares are exact: the order and number of threads must not change them.
pooled as (
    select
        *,
        sum(sum_of_squares) over (
            partition by area_code, target_year, quarters_known, method, is_simulated
        ) as pooled_squares,
        sum(backtest_years) over (
            partition by area_code, target_year, quarters_known, method, is_simulated
        ) as pooled_errors
    from errors
),

pool as (
    select cast({{ assumption('projection_pool_years') }} as double) as pool_years
    from {{ ref('assumptions') }}
),

measured as (
    select
        pooled.*,
        pooled.sum_absolute / nullif(pooled.backtest_years, 0) as mean_absolute,
        sqrt(
            (
                cast(pooled.sum_of_squares as double)
                + pool.pool_years * cast(pooled.pooled_squares as double) / nullif(pooled.pooled_errors, 0)
            )
            / (pooled.backtest_years + pool.pool_years)
        ) as root_mean_square,
        (8 * cast(pooled.backtest_years as double) + 1) * (8 * cast(pooled.backtest_years as double) + 1)
        / ((8 * cast(pooled.backtest_years as double) + 3) * (8 * cast(pooled.backtest_years as double) + 3))
            as wallace_squared
    from pooled
    cross join pool
),

-- A single error says nothing of spread: from two on there is an interval, a wide one.
spread as (
    select
        *,
        case
            when backtest_years >= 2
                then
                    root_mean_square
                    * sqrt(backtest_years * (exp(0.6744897502 * 0.6744897502 / wallace_squared / backtest_years) - 1))
        end as half_50,
        case
            when backtest_years >= 2
                then
                    root_mean_square
                    * sqrt(backtest_years * (exp(1.2815515655 * 1.2815515655 / wallace_squared / backtest_years) - 1))
        end as half_80
    from measured
)

select
    area_code,
    sector_code,
    target_year,
    quarters_known,
    method,
    projected_growth_pct,
    actual_growth_pct,
    projection_error_pp,
    backtest_years,
    try_cast(round(mean_absolute, 4) as decimal(12, 4)) as backtest_mean_absolute_error_pp,
    try_cast(round(root_mean_square, 4) as decimal(12, 4)) as backtest_root_mean_square_error_pp,
    try_cast(round(cast(projected_growth_pct as double) - half_50, 2) as decimal(12, 4)) as low_50_pct,
    try_cast(round(cast(projected_growth_pct as double) + half_50, 2) as decimal(12, 4)) as high_50_pct,
    try_cast(round(cast(projected_growth_pct as double) - half_80, 2) as decimal(12, 4)) as low_80_pct,
    try_cast(round(cast(projected_growth_pct as double) + half_80, 2) as decimal(12, 4)) as high_80_pct,
    base_from_year,
    is_simulated
from spread

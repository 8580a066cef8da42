-- How likely each growth target is to be met, seen from each starting point: P = 1 - F((target - projection) / s), F
-- Student's distribution with as many degrees of freedom as there are earlier errors, s the root of their mean square.
-- F is Wallace's approximation z = c sqrt(n ln(1 + t^2 / n)), c = (8 n + 1) / (8 n + 3), in the normal distribution of
-- Abramowitz and Stegun, 26.2.17.
with distances as (
    select
        targets.directive,
        targets.item,
        targets.target_comparator,
        targets.target_growth_pct,
        targets.is_leading_target,
        projections.area_code,
        projections.sector_code,
        projections.target_year,
        projections.quarters_known,
        projections.is_simulated,
        cast(projections.backtest_years as double) as n,
        cast(projections.backtest_root_mean_square_error_pp as double) as spread,
        cast(targets.target_growth_pct - projections.projected_growth_pct as double) as distance
    from {{ ref('int_growth_targets') }} as targets
    inner join {{ ref('int_growth_projections') }} as projections
        on
            targets.area_code = projections.area_code
            and targets.sector_code = projections.sector_code
            and targets.calendar_year = projections.target_year
            and targets.period_type = 'year'
    where projections.projected_growth_pct is not null
),

-- Methods that were never off would leave no doubt; so small a spread is an accident of a few years.
normal as (
    select
        *,
        (8 * n + 1) / (8 * n + 3)
        * sqrt(n * ln(1 + distance * distance / (n * greatest(spread * spread, 0.0001)))) as z
    from distances
),

tails as (
    select
        *,
        1 / (1 + 0.2316419 * z) as k,
        exp(-z * z / 2) / 2.5066282746 as density
    from normal
),

above as (
    select
        *,
        density
        * k * (0.319381530 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429)))) as tail
    from tails
)

select
    directive,
    item,
    area_code,
    sector_code,
    target_year,
    quarters_known,
    target_comparator,
    target_growth_pct,
    is_leading_target,
    cast(
        round(
            case
                when distance = 0 then 0.5
                when (distance > 0) = (target_comparator in ('>', '>=')) then least(tail, 0.5)
                else greatest(1 - tail, 0.5)
            end,
            4
        ) as decimal(12, 4)
    ) as probability_of_target,
    is_simulated
from above

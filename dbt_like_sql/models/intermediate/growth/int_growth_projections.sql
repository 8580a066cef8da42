-- The projection of each year from each origin, parts and whole adding up. Intervals keep their width and move with it.
with moved as (
    select
        choices.*,
        cast(reconciled.reconciled_growth_pct as decimal(12, 4)) as reconciled_growth_pct,
        cast(
            round(cast(reconciled.reconciled_growth_pct as decimal(12, 4)) - choices.projected_growth_pct, 2)
            as decimal(12, 4)
        ) as moved_pp
    from {{ ref('int_projection_choices') }} as choices
    left join {{ ref('int_reconciled_projections') }} as reconciled
        on
            choices.area_code = reconciled.area_code
            and choices.sector_code = reconciled.sector_code
            and choices.target_year = reconciled.target_year
            and choices.quarters_known = reconciled.quarters_known
)

select
    area_code,
    sector_code,
    target_year,
    quarters_known,
    known_period,
    earlier_years,
    method,
    reconciled_growth_pct as projected_growth_pct,
    projected_growth_pct as own_growth_pct,
    accounts_growth_pct,
    year_before_constant_bn,
    cast(low_50_pct + moved_pp as decimal(12, 4)) as low_50_pct,
    cast(high_50_pct + moved_pp as decimal(12, 4)) as high_50_pct,
    cast(low_80_pct + moved_pp as decimal(12, 4)) as low_80_pct,
    cast(high_80_pct + moved_pp as decimal(12, 4)) as high_80_pct,
    backtest_years,
    backtest_mean_absolute_error_pp,
    backtest_root_mean_square_error_pp,
    actual_growth_pct,
    released_on,
    is_simulated
from moved

-- What the year will have grown by, seen from each moment at which some of its quarters were known, with the interval
-- that this way of projecting has earned so far, and the chance of the target. Rows of past years show what the same
-- method would have said then, on levels as known on the day of the run.
with chances as (
    select *
    from {{ ref('int_target_chances') }}
    where is_leading_target
)

select
    projections.area_code,
    projections.sector_code,
    projections.target_year,
    projections.quarters_known,
    projections.known_period,
    projections.earlier_years,
    projections.method,
    projections.projected_growth_pct,
    projections.low_50_pct,
    projections.high_50_pct,
    projections.low_80_pct,
    projections.high_80_pct,
    chances.target_comparator,
    chances.target_growth_pct,
    chances.probability_of_target,
    projections.backtest_years,
    projections.backtest_mean_absolute_error_pp,
    projections.actual_growth_pct,
    cast(projections.projected_growth_pct - projections.actual_growth_pct as decimal(12, 4)) as projection_error_pp,
    case
        when projections.earlier_years < 3
            then
                'No projection: whole years before ' || cast(projections.target_year as varchar)
                || ' with known levels on this base: ' || cast(projections.earlier_years as varchar)
                || ', three are needed'
        when projections.method is null
            then
                'No projection: fewer than two earlier years were projected from this point, so nobody can say how far '
                || 'off it would be'
        else
            'By ' || ladder.label_en || ', the rung of the ladder with the smallest error in '
            || cast(projections.backtest_years as varchar) || ' earlier years (mean absolute error '
            || regexp_replace(cast(projections.backtest_mean_absolute_error_pp as varchar), '[.]?0+$', '') || ' pp)'
    end
    || case when projections.is_simulated then '; on simulated data' else '' end as reason_en,
    case
        when projections.earlier_years < 3
            then
                'Không ước tính: trước năm ' || cast(projections.target_year as varchar) || ' chỉ có '
                || cast(projections.earlier_years as varchar) || ' năm đủ số liệu cùng gốc, cần ít nhất ba năm'
        when projections.method is null
            then 'Không ước tính: chưa đủ hai năm trước được ước thử từ thời điểm này nên chưa biết sai số'
        else
            'Theo phương pháp ' || ladder.label_vi || ', có sai số nhỏ nhất trong '
            || cast(projections.backtest_years as varchar) || ' năm trước (sai số tuyệt đối bình quân '
            || replace(
                regexp_replace(cast(projections.backtest_mean_absolute_error_pp as varchar), '[.]?0+$', ''), '.', ','
            ) || ' điểm phần trăm)'
    end
    || case when projections.is_simulated then '; số liệu mô phỏng' else '' end as reason_vi,
    projections.released_on,
    projections.is_simulated
from {{ ref('int_growth_projections') }} as projections
left join {{ ref('projection_methods') }} as ladder on projections.method = ladder.method
left join chances
    on
        projections.area_code = chances.area_code
        and projections.sector_code = chances.sector_code
        and projections.target_year = chances.target_year
        and projections.quarters_known = chances.quarters_known

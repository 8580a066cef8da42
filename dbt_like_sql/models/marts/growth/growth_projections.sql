-- What the year will have grown by, seen from each moment at which some of its quarters were known, parts and whole
-- adding up, with the interval that this way of projecting has earned so far, and the chance of the target. Rows of
-- past years show what the same method would have said then, on levels as known on the day of the run.
with chances as (
    select *
    from {{ ref('int_target_chances') }}
    where is_leading_target
),

with_messages as (
    select
        projections.*,
        origins.link_year,
        concat_ws(
            ' ',
            case
                when projections.earlier_years < 3 then 'projection_few_years'
                when projections.method is null then 'projection_untested'
                else 'projection_made'
            end,
            case when origins.link_year is not null then 'projection_linked' end,
            case when projections.is_simulated then 'projection_simulated' end
        ) as reason_codes,
        to_json({
            'target_year': projections.target_year,
            'earlier_years': projections.earlier_years,
            'link_year': origins.link_year,
            'method_en': ladder.label_en,
            'method_vi': ladder.label_vi,
            'backtest_years': projections.backtest_years,
            'mean_absolute_error_pp': projections.backtest_mean_absolute_error_pp
        }) as reason_values
    from {{ ref('int_growth_projections') }} as projections
    left join {{ ref('projection_methods') }} as ladder on projections.method = ladder.method
    left join {{ ref('int_projection_origins') }} as origins
        on
            projections.area_code = origins.area_code
            and projections.sector_code = origins.sector_code
            and projections.target_year = origins.target_year
            and projections.quarters_known = origins.quarters_known
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
    message_en(projections.reason_codes, projections.reason_values) as reason_en,
    message_vi(projections.reason_codes, projections.reason_values) as reason_vi,
    projections.released_on,
    projections.is_simulated
from with_messages as projections
left join chances
    on
        projections.area_code = chances.area_code
        and projections.sector_code = chances.sector_code
        and projections.target_year = chances.target_year
        and projections.quarters_known = chances.quarters_known

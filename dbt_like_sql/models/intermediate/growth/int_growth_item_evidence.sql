-- What each growth target of the directives rests on today: its best evidence, the exact distance from the threshold,
-- the progress ratio R = observed growth / target growth, and what the rest of its period needs.
-- A figure is a forecast until its own period is over on the day: it is no evidence, and the office's forecast of the
-- target period stands in columns of its own. Published figures come before simulated ones, the whole period before a
-- part, a longer part before a shorter one; the first quarter is a cumulative period of three months, while a later
-- quarter alone says nothing of the year so far.
-- Thresholds are compared on exact numbers: growth computed from levels is compared on the levels.
with figures as (
    select
        targets.directive,
        targets.item,
        evidence.period,
        evidence.period_type,
        evidence.last_month_of_year,
        evidence.growth_yoy_pct,
        evidence.released_on,
        evidence.estimate_stage,
        evidence.publisher,
        evidence.delivery_id,
        evidence.evidence_basis,
        evidence.is_simulated,
        periods.last_day_on,
        evidence.period = targets.period as is_whole,
        periods.last_day_on < {{ var('as_of') }} as is_over
    from {{ ref('int_growth_targets') }} as targets
    inner join {{ ref('int_growth_evidence') }} as evidence
        on
            targets.area_code = evidence.area_code
            and targets.sector_code = evidence.sector_code
            and targets.calendar_year = evidence.calendar_year
            and (
                targets.period = evidence.period
                or (
                    targets.period_type in ('year', 'ytd')
                    and targets.last_month_of_year > evidence.last_month_of_year
                    and (
                        evidence.period_type = 'ytd'
                        or (evidence.period_type = 'quarter' and evidence.last_month_of_year = 3)
                    )
                )
            )
    inner join {{ ref('int_periods') }} as periods on evidence.period = periods.period
),

known as (
    select
        *,
        row_number() over (
            partition by directive, item
            order by
                is_simulated asc,
                last_month_of_year desc,
                case when is_whole then 0 else 1 end asc,
                case period_type when 'quarter' then 1 else 0 end asc
        ) as row_number
    from figures
    where is_over
),

-- The first day on which the law lets anyone expect a figure of the target period, or of a part of it that is over.
expected as (
    select
        targets.directive,
        targets.item,
        min(
            greatest(
                make_date(
                    periods.calendar_year + calendar.release_year_offset, calendar.release_month, calendar.release_day
                ),
                cast(periods.last_day_on + interval '1' day as date)
            )
        ) as first_expected_on
    from {{ ref('int_growth_targets') }} as targets
    inner join {{ ref('int_periods') }} as periods
        on
            targets.calendar_year = periods.calendar_year
            and (
                targets.period = periods.period
                or (
                    targets.period_type in ('year', 'ytd')
                    and targets.last_month_of_year > periods.last_month_of_year
                    and (
                        periods.period_type = 'ytd'
                        or (periods.period_type = 'quarter' and periods.last_month_of_year = 3)
                    )
                )
            )
    inner join {{ ref('release_calendar') }} as calendar
        on
            periods.period_type = calendar.period_type
            and periods.last_month_of_year = calendar.last_month_of_year
    group by targets.directive, targets.item
),

best as (
    select
        targets.directive,
        targets.item,
        targets.area_code,
        targets.sector_code,
        targets.period as target_period,
        targets.period_type as target_period_type,
        targets.calendar_year,
        targets.target_growth_pct,
        known.period as evidence_period,
        known.growth_yoy_pct,
        known.released_on,
        known.estimate_stage,
        known.publisher,
        known.delivery_id,
        known.evidence_basis,
        known.is_simulated,
        coalesce(known.is_whole, false) as covers_target_period,
        coalesce(known.is_whole and known.released_on <= known.last_day_on, false) as is_released_early,
        case
            when known.period_type = 'quarter' then {{ period_to_month('targets.calendar_year', '3') }}
            else known.period
        end as cumulative_period,
        forecasts.growth_yoy_pct as office_forecast,
        forecasts.released_on as office_forecast_released_on,
        forecasts.publisher as office_forecast_publisher,
        forecasts.is_simulated as is_forecast_simulated,
        expected.first_expected_on
    from {{ ref('int_growth_targets') }} as targets
    left join known
        on
            targets.directive = known.directive
            and targets.item = known.item
            and known.row_number = 1
    -- A simulated forecast never stands beside a published figure.
    left join figures as forecasts
        on
            targets.directive = forecasts.directive
            and targets.item = forecasts.item
            and forecasts.is_whole
            and not forecasts.is_over
            and (not forecasts.is_simulated or coalesce(known.is_simulated, true))
    left join expected
        on
            targets.directive = expected.directive
            and targets.item = expected.item
)

select
    best.directive,
    best.item,
    best.area_code,
    best.sector_code,
    best.target_period,
    best.target_period_type,
    best.target_growth_pct,
    best.evidence_basis,
    best.evidence_period,
    best.covers_target_period,
    best.is_released_early,
    best.growth_yoy_pct as actual,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(
        round(cast(best.growth_yoy_pct as double) / cast(nullif(best.target_growth_pct, 0) as double), 4)
        as decimal(12, 4)
    ) as progress_ratio,
    case
        when
            best.evidence_basis = 'computed_from_levels'
            and evidence.level_constant_bn is not null
            and evidence.level_year_before_constant_bn is not null
            then
                cast(
                    evidence.level_constant_bn - evidence.level_year_before_constant_bn as decimal(22, 4)
                )
                * cast(100 as decimal(12, 4))
                - cast(evidence.level_year_before_constant_bn as decimal(22, 4)) * best.target_growth_pct
        else cast(best.growth_yoy_pct - best.target_growth_pct as decimal(38, 8))
    end as sign_exact_difference,
    -- What rests on an older price base says so.
    case
        when evidence.is_linked or origins.link_year is not null
            then
                message_en(
                    concat_ws(
                        ' ',
                        case when evidence.is_linked then 'growth_linked' end,
                        case when evidence.is_linked and origins.link_year is not null then 'growth_linked_and' end,
                        case when origins.link_year is not null then 'growth_history_linked' end
                    ),
                    to_json({ 'link_year': coalesce(origins.link_year, evidence.link_year) })
                )
    end as detail_en,
    case
        when evidence.is_linked or origins.link_year is not null
            then
                message_vi(
                    concat_ws(
                        ' ',
                        case when evidence.is_linked then 'growth_linked' end,
                        case when evidence.is_linked and origins.link_year is not null then 'growth_linked_and' end,
                        case when origins.link_year is not null then 'growth_history_linked' end
                    ),
                    to_json({ 'link_year': coalesce(origins.link_year, evidence.link_year) })
                )
    end as detail_vi,
    required.required_growth_rest_pct,
    bounded.required_growth_rest_low_pct,
    bounded.required_growth_rest_high_pct,
    bounded.part_share_low_pct,
    bounded.part_share_high_pct,
    bounded.part_share_sources,
    coalesce(required.rest_growth_history_years, bounded.rest_growth_history_years) as rest_growth_history_years,
    coalesce(required.rest_growth_history_max_pct, bounded.rest_growth_history_max_pct) as rest_growth_history_max_pct,
    required.required_growth_percentile,
    coalesce(required.is_required_within_history, bounded.is_required_within_history) as is_required_within_history,
    projections.projected_growth_pct,
    chances.probability_of_target,
    projections.earlier_years,
    best.office_forecast,
    best.office_forecast_released_on,
    best.office_forecast_publisher,
    best.first_expected_on,
    best.first_expected_on <= {{ var('as_of') }} as is_evidence_expected,
    errors.revision_kind,
    errors.revision_basis_en,
    errors.revision_basis_vi,
    errors.mean_absolute_revision_pp,
    coalesce(best.estimate_stage <> 'official', true) as is_estimate,
    best.released_on,
    best.publisher,
    best.delivery_id,
    coalesce(best.is_simulated, best.is_forecast_simulated, false) as is_simulated
from best
left join {{ ref('int_required_growth') }} as required
    on
        best.directive = required.directive
        and best.item = required.item
        and best.cumulative_period = required.period
        and best.evidence_basis = 'computed_from_levels'
        and best.is_simulated = required.is_simulated
left join {{ ref('int_required_growth_bounds') }} as bounded
    on
        best.directive = bounded.directive
        and best.item = bounded.item
        and best.evidence_period = bounded.period
        and best.evidence_basis = 'published_growth'
left join {{ ref('int_growth_projections') }} as projections
    on
        best.area_code = projections.area_code
        and best.sector_code = projections.sector_code
        and best.calendar_year = projections.target_year
        and best.target_period_type = 'year'
        and best.cumulative_period
        = {{ period_to_month('projections.target_year', '3 * projections.quarters_known') }}
        and projections.quarters_known > 0
        and best.evidence_basis = 'computed_from_levels'
        and best.is_simulated = projections.is_simulated
left join {{ ref('int_projection_origins') }} as origins
    on
        projections.area_code = origins.area_code
        and projections.sector_code = origins.sector_code
        and projections.target_year = origins.target_year
        and projections.quarters_known = origins.quarters_known
        and projections.projected_growth_pct is not null
left join {{ ref('int_target_chances') }} as chances
    on
        best.directive = chances.directive
        and best.item = chances.item
        and projections.quarters_known = chances.quarters_known
left join {{ ref('int_growth_evidence') }} as evidence
    on
        best.area_code = evidence.area_code
        and best.sector_code = evidence.sector_code
        and best.evidence_period = evidence.period
left join {{ ref('int_revision_errors') }} as errors
    on
        evidence.area_code = errors.area_code
        and evidence.sector_code = errors.sector_code
        and evidence.period_type = errors.period_type
        and evidence.evidence_basis = errors.evidence_basis
        and evidence.is_simulated = errors.is_simulated

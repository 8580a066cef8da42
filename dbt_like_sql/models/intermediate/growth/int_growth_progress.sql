-- How far each growth target of the register has come on the day: its best evidence, the progress ratio
-- R = observed growth / target growth, and what the rest of the year needs.
-- Evidence of the whole year speaks before a part of it, a longer part before a shorter, published before simulated;
-- the first quarter is a cumulative period of three months, a later quarter alone says nothing of the year so far.
with ranked as (
    select
        targets.directive,
        targets.item,
        targets.area_code,
        targets.sector_code,
        targets.period as target_period,
        targets.calendar_year,
        targets.target_growth_pct,
        evidence.period as evidence_period,
        evidence.period_type,
        evidence.growth_yoy_pct,
        evidence.released_on,
        evidence.estimate_stage,
        evidence.publisher,
        evidence.delivery_id,
        evidence.evidence_basis,
        evidence.is_simulated,
        case
            when evidence.period_type = 'quarter'
                then cast(evidence.calendar_year as varchar) || '-3M'
            else evidence.period
        end as cumulative_period,
        row_number() over (
            partition by targets.directive, targets.item
            order by
                evidence.is_simulated asc,
                evidence.last_month_of_year desc,
                case evidence.period_type when 'quarter' then 1 else 0 end asc
        ) as place
    from {{ ref('int_growth_targets') }} as targets
    left join {{ ref('int_growth_evidence') }} as evidence
        on
            targets.area_code = evidence.area_code
            and targets.sector_code = evidence.sector_code
            and targets.calendar_year = evidence.calendar_year
            and (
                evidence.period_type in ('year', 'ytd')
                or (evidence.period_type = 'quarter' and evidence.last_month_of_year = 3)
            )
),

-- The first day of a year on which the law lets anyone expect a figure that speaks of that year.
calendar as (
    select
        release_month,
        release_day,
        row_number() over (order by release_month asc, release_day asc, period_suffix asc, estimate_stage asc) as place
    from {{ ref('release_calendar') }}
    where release_year_offset = 0
),

best as (
    select
        ranked.*,
        cast(
            ranked.target_period
            || '-' || lpad(cast(calendar.release_month as varchar), 2, '0')
            || '-' || lpad(cast(calendar.release_day as varchar), 2, '0')
            as date
        ) as first_expected_on
    from ranked
    inner join calendar on calendar.place = 1
    where ranked.place = 1
)

select
    best.directive,
    best.item,
    best.area_code,
    best.sector_code,
    best.target_period,
    best.target_growth_pct,
    best.evidence_period,
    coalesce(best.period_type = 'year', false) as covers_target_period,
    best.growth_yoy_pct,
    cast(
        round(cast(best.growth_yoy_pct as double) / cast(nullif(best.target_growth_pct, 0) as double), 4)
        as decimal(12, 4)
    ) as growth_progress_ratio,
    required.required_growth_rest_pct,
    required.rest_growth_history_years,
    required.rest_growth_history_min_pct,
    required.rest_growth_history_max_pct,
    required.required_growth_place,
    required.required_growth_percentile,
    required.is_required_within_history,
    projections.projected_growth_pct,
    chances.probability_of_target,
    projections.earlier_years,
    best.first_expected_on,
    best.first_expected_on <= {{ var('as_of') }} as is_evidence_expected,
    best.released_on,
    best.estimate_stage,
    best.publisher,
    best.delivery_id,
    best.evidence_basis,
    best.is_simulated
from best
left join {{ ref('int_required_growth') }} as required
    on
        best.directive = required.directive
        and best.item = required.item
        and best.cumulative_period = required.period
        and best.evidence_basis = 'computed_from_levels'
        and best.is_simulated = required.is_simulated
left join {{ ref('int_growth_projections') }} as projections
    on
        best.area_code = projections.area_code
        and best.sector_code = projections.sector_code
        and best.calendar_year = projections.target_year
        and best.cumulative_period
        = cast(projections.target_year as varchar) || '-' || cast(3 * projections.quarters_known as varchar) || 'M'
        and projections.quarters_known > 0
        and best.evidence_basis = 'computed_from_levels'
        and best.is_simulated = projections.is_simulated
left join {{ ref('int_target_chances') }} as chances
    on
        best.directive = chances.directive
        and best.item = chances.item
        and projections.quarters_known = chances.quarters_known

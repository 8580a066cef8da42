-- Where each item stands: its evidence set against its threshold on exact numbers, and the status that follows. No
-- status is given without evidence. A target whose area ended before its period did cannot be met or missed any more.
-- The values come from every model whose YAML declares indicators (`evidence_of`): dbt_like_sql/indicators.py makes the
-- macro all_item_evidence of these declarations. Growth, disbursement and the capture of construction have more to say
-- of their items, so they are joined beside it; every other item is a task.
with limits as (
    {{ status_limits() }}
),

evidence as (
    {{ all_item_evidence() }}
),

treasury_schedule as (
    select max(case when feed = 'treasury_disbursement' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
),

disbursement as (
    select
        milestone.directive,
        milestone.item,
        milestone.evidence_basis,
        milestone.expected_pct,
        milestone.expected_basis,
        milestone.expected_years,
        milestone.status,
        milestone.day_reason_en,
        milestone.day_reason_vi,
        last_day(coalesce(budget_years.opens_on, {{ first_day_of_year('items.period') }}))
        + coalesce(treasury_schedule.due_days, 0) < {{ var('as_of') }} as is_evidence_expected
    from {{ ref('int_disbursement_item_evidence') }} as milestone
    inner join {{ ref('directive_items') }} as items
        on
            milestone.directive = items.directive
            and milestone.item = items.item
    cross join treasury_schedule
    left join {{ ref('budget_years') }} as budget_years
        on budget_years.budget_year = {{ year_number('items.period') }}
),

capture as (
    select
        directive,
        item,
        status,
        capture_reason_en,
        capture_reason_vi
    from {{ ref('int_coverage_item_evidence') }}
    union all
    select
        directive,
        item,
        status,
        capture_reason_en,
        capture_reason_vi
    from {{ ref('int_survey_response_item_evidence') }}
),

joined as (
    select
        items.*,
        case
            when growth.item is not null then 'growth'
            when disbursement.item is not null then 'disbursement'
            when capture.item is not null then 'capture'
            when evidence.item is not null then 'task'
        end as evidence_family,
        evidence.evidence_basis,
        evidence.evidence_period,
        coalesce(evidence.covers_target_period, false) as covers_target_period,
        evidence.actual,
        evidence.value_year_before,
        evidence.progress_ratio,
        evidence.sign_exact_difference,
        coalesce(growth.is_evidence_expected, disbursement.is_evidence_expected) as is_evidence_expected,
        coalesce(
            case
                when growth.item is not null then growth.is_estimate
                when disbursement.item is not null then disbursement.evidence_basis = 'published_rate'
                else evidence.item is not null
            end,
            false
        ) as is_estimate,
        growth.required_growth_rest_pct,
        growth.is_required_within_history,
        growth.required_growth_percentile,
        growth.rest_growth_history_years,
        growth.projected_growth_pct,
        growth.probability_of_target,
        growth.earlier_years,
        growth.required_growth_rest_low_pct,
        growth.required_growth_rest_high_pct,
        growth.part_share_low_pct,
        growth.part_share_high_pct,
        growth.part_share_sources,
        growth.target_period_type,
        growth.rest_growth_history_max_pct,
        growth.office_forecast,
        growth.office_forecast_released_on,
        growth.office_forecast_publisher,
        coalesce(growth.is_released_early, false) as is_released_early,
        growth.revision_kind,
        growth.revision_basis_en,
        growth.revision_basis_vi,
        growth.mean_absolute_revision_pp,
        disbursement.expected_pct,
        disbursement.expected_basis,
        disbursement.expected_years,
        coalesce(capture.status, disbursement.status) as given_status,
        coalesce(disbursement.day_reason_en, capture.capture_reason_en) as given_reason_en,
        coalesce(disbursement.day_reason_vi, capture.capture_reason_vi) as given_reason_vi,
        evidence.detail_en,
        evidence.detail_vi,
        evidence.released_on,
        evidence.publisher,
        evidence.delivery_id,
        coalesce(evidence.is_simulated, false) as is_simulated,
        absent.no_indicator_reason_en,
        absent.no_indicator_reason_vi,
        coalesce(areas.valid_to < {{ var('as_of') }} and areas.valid_to < spans.last_on, false) as is_area_ended,
        limits.on_track_from,
        limits.on_track_probability_from,
        limits.at_risk_from,
        limits.off_track_from
    from {{ ref('dim_directive_item') }} as items
    cross join limits
    left join evidence
        on
            items.directive = evidence.directive
            and items.item = evidence.item
    left join {{ ref('int_growth_item_evidence') }} as growth
        on
            evidence.directive = growth.directive
            and evidence.item = growth.item
    left join disbursement
        on
            evidence.directive = disbursement.directive
            and evidence.item = disbursement.item
    left join capture
        on
            evidence.directive = capture.directive
            and evidence.item = capture.item
    left join {{ ref('int_item_spans') }} as spans
        on
            items.directive = spans.directive
            and items.item = spans.item
    left join {{ ref('admin_units') }} as areas
        on
            items.area_code = areas.admin_unit_code
            and areas.admin_level = 'province'
    left join {{ ref('items_without_indicator') }} as absent
        on
            items.directive = absent.directive
            and items.item = absent.item
),

compared as (
    select
        *,
        cast(actual - threshold as decimal(12, 4)) as gap,
        case comparator
            when '>' then sign_exact_difference > 0
            when '>=' then sign_exact_difference >= 0
            when '<' then sign_exact_difference < 0
            when '<=' then sign_exact_difference <= 0
        end as is_reached,
        coalesce(abs(cast(actual - threshold as decimal(12, 4))) < mean_absolute_revision_pp, false)
            as within_revision_error,
        actual is not null and is_estimate as provisional
    from joined
)

select
    directive,
    item,
    item_order,
    clause,
    item_kind,
    title_vi,
    title_en,
    indicator,
    area_code,
    sector_code,
    board_code,
    key_item,
    period,
    comparator,
    threshold,
    unit,
    denominator,
    is_denominator_assumed,
    basis,
    deadline_on,
    issued_on,
    lead_agency_code,
    lead_agency_codes,
    co_ordinate_agency_codes,
    source_note,
    evidence_family,
    evidence_basis,
    evidence_period,
    covers_target_period,
    actual,
    value_year_before,
    progress_ratio,
    sign_exact_difference,
    is_evidence_expected,
    is_estimate,
    required_growth_rest_pct,
    is_required_within_history,
    required_growth_percentile,
    rest_growth_history_years,
    projected_growth_pct,
    probability_of_target,
    earlier_years,
    required_growth_rest_low_pct,
    required_growth_rest_high_pct,
    part_share_low_pct,
    part_share_high_pct,
    part_share_sources,
    target_period_type,
    rest_growth_history_max_pct,
    office_forecast,
    office_forecast_released_on,
    office_forecast_publisher,
    is_released_early,
    revision_kind,
    revision_basis_en,
    revision_basis_vi,
    mean_absolute_revision_pp,
    expected_pct,
    expected_basis,
    expected_years,
    given_status,
    given_reason_en,
    given_reason_vi,
    detail_en,
    detail_vi,
    no_indicator_reason_en,
    no_indicator_reason_vi,
    is_area_ended,
    released_on,
    publisher,
    delivery_id,
    is_simulated,
    on_track_from,
    on_track_probability_from,
    at_risk_from,
    off_track_from,
    gap,
    is_reached,
    within_revision_error,
    provisional,
    case
        when is_area_ended and not covers_target_period then 'not_comparable'
        when given_status is not null then given_status
        when
            actual is null
            and (
                not coalesce(is_evidence_expected, true)
                or (
                    is_evidence_expected is null
                    and {{ first_day_of_year('period') }} > {{ var('as_of') }}
                )
            )
            then 'not_yet_due'
        when actual is null and evidence_family = 'task' and threshold is null then 'monitored'
        when actual is null and (indicator is null or no_indicator_reason_en is not null) then 'no_indicator'
        when actual is null then 'no_data'
        when threshold is null then 'monitored'
        when covers_target_period and is_reached then 'achieved'
        when covers_target_period then 'missed'
        when progress_ratio is null then 'not_comparable'
        when progress_ratio < off_track_from then 'deteriorating'
        when progress_ratio < at_risk_from then 'off_track'
        when progress_ratio < on_track_from then 'at_risk'
        when evidence_family = 'growth' and not coalesce(is_required_within_history, false) then 'at_risk'
        when probability_of_target < on_track_probability_from then 'at_risk'
        else 'on_track'
    end as status
from compared

-- The verdict on each item: its evidence set against its threshold on exact numbers, and the status that follows. No
-- status is given without evidence. A target whose area ended before its period did cannot be met or missed any more.
with steps as (
    {{ status_limits() }}
),

joined as (
    select
        items.*,
        evidence.evidence_family,
        evidence.evidence_basis,
        evidence.evidence_period,
        coalesce(evidence.covers_target_period, false) as covers_target_period,
        evidence.actual,
        evidence.progress_ratio,
        evidence.exact_difference,
        evidence.is_evidence_expected,
        coalesce(evidence.is_estimate, false) as is_estimate,
        evidence.required_growth_rest_pct,
        evidence.is_required_within_history,
        progress.required_growth_percentile,
        progress.rest_growth_history_years,
        progress.projected_growth_pct,
        progress.probability_of_target,
        progress.earlier_years,
        progress.required_growth_rest_low_pct,
        progress.required_growth_rest_high_pct,
        progress.part_share_low_pct,
        progress.part_share_high_pct,
        progress.part_share_sources,
        progress.target_period_type,
        progress.rest_growth_history_max_pct,
        progress.office_forecast,
        progress.office_forecast_released_on,
        coalesce(progress.is_released_early, false) as is_released_early,
        evidence.revision_kind,
        evidence.revision_basis_en,
        evidence.revision_basis_vi,
        evidence.mean_absolute_revision_pp,
        evidence.expected_pct,
        evidence.expected_basis,
        evidence.expected_years,
        evidence.given_status,
        evidence.given_reason_en,
        evidence.given_reason_vi,
        evidence.detail_en,
        evidence.detail_vi,
        evidence.released_on,
        evidence.publisher,
        evidence.delivery_id,
        coalesce(evidence.is_simulated, false) as is_simulated,
        absent.no_indicator_reason_en,
        absent.no_indicator_reason_vi,
        coalesce(areas.valid_to < {{ var('as_of') }} and areas.valid_to < spans.last_on, false) as is_area_ended,
        steps.on_track_from,
        steps.on_track_probability_from,
        steps.at_risk_from,
        steps.off_track_from
    from {{ ref('dim_directive_item') }} as items
    cross join steps
    left join {{ ref('int_item_evidence') }} as evidence
        on
            items.directive = evidence.directive
            and items.item = evidence.item
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
    left join {{ ref('int_growth_progress') }} as progress
        on
            evidence.directive = progress.directive
            and evidence.item = progress.item
            and evidence.evidence_family = 'growth'
),

compared as (
    select
        *,
        cast(actual - threshold as decimal(12, 4)) as gap,
        case comparator
            when '>' then exact_difference > 0
            when '>=' then exact_difference >= 0
            when '<' then exact_difference < 0
            when '<=' then exact_difference <= 0
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
    progress_ratio,
    exact_difference,
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
                    and try_cast({{ year_of('period') }} || '-01-01' as date) > {{ var('as_of') }}
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

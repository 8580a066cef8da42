-- The status of each item in words: a status always has a reason that can be read aloud.
with declared as (
    {{ all_indicators() }}
),

served as (
    select
        indicator,
        max(label_en) as label_en,
        max(label_vi) as label_vi,
        string_agg(feed, ', ' order by feed) as feeds
    from declared
    group by indicator
),

capture_limits as (
    select
        {{ threshold('minimum_value_coverage') }} as minimum_value_coverage,
        {{ threshold('minimum_response_rate') }} as minimum_response_rate
    from {{ ref('capture_thresholds') }}
),

evidence_deliveries as (
    select distinct
        directive,
        item,
        feed,
        delivery_id
    from {{ ref('evidence') }}
),

quarantined as (
    select
        evidence_deliveries.directive,
        evidence_deliveries.item,
        sum(deliveries.rows_rejected) as rows_quarantined,
        string_agg(deliveries.source_file, ', ' order by deliveries.source_file) as quarantine_files
    from evidence_deliveries
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            evidence_deliveries.feed = deliveries.feed
            and evidence_deliveries.delivery_id = deliveries.delivery_id
    where deliveries.status = 'accepted_in_part'
    group by evidence_deliveries.directive, evidence_deliveries.item
),

items as (
    select
        judged.*,
        coalesce(served.label_en, absent.label_en) as label_en,
        coalesce(served.label_vi, absent.label_vi) as label_vi,
        served.feeds,
        relation.relation_reason_en,
        relation.relation_reason_vi,
        relation.sector_beside_en,
        relation.sector_beside_vi,
        relation.implied_growth_low_pct,
        relation.implied_growth_high_pct,
        quarantined.quarantine_files,
        quarantined.rows_quarantined,
        areas.name_vi as area_vi,
        areas.valid_to as area_ended_on,
        successors.name_vi as successor_vi,
        beside.direction_of_good,
        beside.evidence_until_on,
        beside.evidence_age_days,
        -- A published figure is what its publisher said, even where other evidence of the item is simulated.
        case
            when judged.evidence_basis = 'published_level' then coalesce(source_files.is_simulated, false)
            else judged.is_simulated
        end as is_actual_simulated,
        announced.value as announced_value,
        announced.released_on as announced_on,
        announced.publisher as announced_by,
        context.value as index_growth_pct,
        context.evidence_period as index_period,
        context.released_on as index_released_on,
        next_steps.next_step_en,
        next_steps.next_step_vi,
        next_steps.next_step_agency,
        next_steps.next_step_agency_en,
        next_steps.next_step_agency_vi,
        next_steps.next_step_head_en,
        next_steps.next_step_head_vi,
        limits.minimum_value_coverage,
        limits.minimum_response_rate,
        coalesce(judged.evidence_family = 'growth', false) as is_growth,
        coalesce(judged.evidence_family = 'disbursement', false) as is_disbursement
    from {{ ref('int_item_status') }} as judged
    left join served on judged.indicator = served.indicator
    left join {{ ref('items_without_indicator') }} as absent
        on
            judged.directive = absent.directive
            and judged.item = absent.item
    left join {{ ref('int_part_of_sector_relation') }} as relation
        on
            judged.directive = relation.directive
            and judged.item = relation.item
    left join {{ ref('stg_deliveries') }} as source_files on judged.delivery_id = source_files.delivery_id
    left join quarantined
        on
            judged.directive = quarantined.directive
            and judged.item = quarantined.item
    left join {{ ref('admin_units') }} as areas
        on
            judged.area_code = areas.admin_unit_code
            and areas.admin_level = 'province'
    left join {{ ref('admin_units') }} as successors
        on
            areas.successor_admin_unit_code = successors.admin_unit_code
            and successors.admin_level = 'province'
    left join {{ ref('int_item_direction_and_age') }} as beside
        on
            judged.directive = beside.directive
            and judged.item = beside.item
    left join {{ ref('int_item_published_figures') }} as context
        on
            judged.directive = context.directive
            and judged.item = context.item
            and context.published_indicator = 'iip'
            and not context.is_forecast
    left join {{ ref('int_item_published_figures') }} as announced
        on
            judged.directive = announced.directive
            and judged.item = announced.item
            and judged.period = announced.evidence_period
            and announced.published_indicator in ('retail_services', 'visitors')
            and announced.is_forecast
    left join {{ ref('int_item_next_steps') }} as next_steps
        on
            judged.directive = next_steps.directive
            and judged.item = next_steps.item
    cross join capture_limits as limits
),

coded as (
    select
        *,
        case
            when actual is null then 'item_without_figure'
            when unit in ('count', 'billion_vnd') and actual >= 1000 then 'item_count'
            else 'item_figure'
        end as monitored_code,
        case denominator
            when 'pm_assigned' then 'item_of_pm_assigned'
            when 'year_plan_without_carried_over' then 'item_of_year_plan'
            when 'all_components' then 'item_of_whole_plan'
        end as denominator_code,
        case comparator
            when '>' then 'item_against_more_than'
            when '>=' then 'item_against_at_least'
            when '<' then 'item_against_less_than'
            else 'item_against_at_most'
        end as threshold_code,
        case when detail_en is not null then 'item_detail' end as detail_code,
        case when office_forecast is not null then 'item_office_forecast' end as forecast_code,
        concat_ws(
            ' ',
            'item_rest_bounded',
            case when position('own_accounts' in part_share_sources) > 0 then 'item_share_own_accounts' end,
            case when position('own_published' in part_share_sources) > 0 then 'item_share_own_published' end,
            case when position('national_accounts' in part_share_sources) > 0 then 'item_share_national' end,
            'item_share_end',
            case when rest_growth_history_years > 0 then 'item_rest_fastest' end
        ) as bounded_codes,
        case
            when item_kind <> 'task' or value_year_before is null then null
            when unit in ('count', 'billion_vnd') and value_year_before >= 1000 then 'item_year_before_count'
            else 'item_year_before'
        end as year_before_code,
        case
            when item_kind <> 'task' or actual is null then null
            when direction_of_good = 'higher' then 'item_higher_is_good'
            when direction_of_good = 'lower' then 'item_lower_is_good'
        end as direction_code
    from items
),

with_messages as (
    select
        *,
        case
            when given_status is not null and not is_disbursement
                then case when given_reason_en is not null then 'item_judged' end
            when is_area_ended and status = 'not_comparable' and successor_vi is null
                then 'item_area_ended_without_successor'
            when is_area_ended and status = 'not_comparable' then 'item_area_ended'
            when status = 'not_yet_due' then concat_ws(' ', 'item_not_yet_due', forecast_code)
            when status = 'no_indicator' and no_indicator_reason_en is not null then 'item_no_indicator_because'
            when status = 'no_indicator' then 'item_no_indicator'
            when status = 'no_data' and relation_reason_en is not null and forecast_code is null then 'item_relation'
            when status = 'no_data' and is_growth and forecast_code is null then 'item_no_growth_figure'
            when status = 'no_data' and is_growth then concat_ws(' ', 'item_only_forecast', forecast_code)
            when status = 'no_data' and is_disbursement and given_reason_en is not null then 'item_given'
            when status = 'no_data' and is_disbursement then 'item_no_money'
            when status = 'no_data' and feeds is not null then 'item_no_delivery'
            when status = 'no_data' then 'item_no_feed'
            when status = 'monitored'
                then
                    concat_ws(
                        ' ',
                        monitored_code,
                        denominator_code,
                        case when actual is not null then 'item_monitored_when' end,
                        detail_code,
                        year_before_code,
                        direction_code,
                        'item_no_threshold'
                    )
            when status in ('achieved', 'missed')
                then
                    concat_ws(
                        ' ',
                        case
                            when indicator = 'social_housing_projects_started' then 'item_projects_started'
                            when provisional then 'item_figure_estimated'
                            else 'item_figure'
                        end,
                        denominator_code,
                        case when indicator <> 'social_housing_projects_started' then threshold_code end,
                        case
                            when status = 'achieved' and provisional then 'item_achieved_estimated'
                            when status = 'achieved' then 'item_achieved'
                            when provisional then 'item_missed_estimated'
                            else 'item_missed'
                        end,
                        case when is_released_early then 'item_released_early' end,
                        detail_code,
                        case when within_revision_error then 'item_within_revision_error' end
                    )
            when status = 'not_comparable' then 'item_not_comparable'
            when is_disbursement
                then
                    concat_ws(
                        ' ',
                        'item_figure',
                        denominator_code,
                        'item_when',
                        threshold_code,
                        case
                            when expected_basis = 'earlier_years_course' then 'item_expected_by_course'
                            else 'item_expected_by_line'
                        end,
                        'item_ratio',
                        case when detail_en is not null then 'item_detail_after' end
                    )
            when evidence_family = 'task'
                then concat_ws(' ', 'item_figure', 'item_when', threshold_code, 'item_by', detail_code, 'item_ratio')
            else
                concat_ws(
                    ' ',
                    'item_figure',
                    'item_when',
                    threshold_code,
                    case when target_period_type = 'year' then 'item_in_the_year' else 'item_in_the_period' end,
                    'item_growth_ratio',
                    case
                        when coalesce(required_growth_rest_pct, required_growth_rest_low_pct) is not null
                            then 'item_rest_needs'
                        else 'item_rest_unknown'
                    end,
                    case
                        when required_growth_rest_pct is null and required_growth_rest_low_pct is not null
                            then bounded_codes
                        when required_growth_rest_pct is null then null
                        when is_required_within_history then 'item_rest_within_history'
                        when is_required_within_history is null then 'item_rest_without_history'
                        else 'item_rest_beyond_history'
                    end,
                    case
                        when probability_of_target is not null then 'item_projected'
                        when target_period_type = 'year' and coalesce(earlier_years, 0) < 3 then 'item_not_projected'
                    end,
                    case when detail_en is not null then 'item_detail_after' end,
                    forecast_code
                )
        end as verdict_codes,
        concat_ws(
            ' ',
            case
                when status in ('achieved', 'missed') and is_simulated and sector_beside_vi is not null
                    then 'item_sector_beside'
            end,
            case when index_growth_pct is not null then 'item_index_as_context' end,
            case when rows_quarantined is not null then 'item_rows_quarantined' end,
            case when status = 'monitored' and evidence_age_days > 0 then 'item_age' end,
            case
                when is_actual_simulated then 'item_simulated'
                when is_simulated then 'item_simulated_beside'
            end
        ) as more_codes,
        to_json({
            'title_vi': title_vi,
            'label_vi': label_vi,
            'label_en': label_en,
            'as_of': {{ var('as_of') }},
            'area_vi': area_vi,
            'area_en': area_vi,
            'area_ended_on': area_ended_on,
            'successor': successor_vi,
            'period': period,
            'period_when': period,
            'span': target_period_type,
            'evidence_period': evidence_period,
            'evidence_when': evidence_period,
            'evidence_basis': evidence_basis,
            'unit': unit,
            -- Two decimals are enough to read aloud; four where two would hide on which side of the threshold the value
            -- is.
            'actual': case
                when cast(round(actual, 2) as decimal(12, 4)) = threshold then actual
                else cast(round(actual, 2) as decimal(12, 2))
            end,
            'count': cast(round(actual, 0) as bigint),
            'threshold': threshold,
            'value_year_before': cast(round(value_year_before, 2) as decimal(12, 2)),
            'count_year_before': cast(round(value_year_before, 0) as bigint),
            'evidence_until_on': evidence_until_on,
            'evidence_age_days': evidence_age_days,
            'denominator': denominator,
            'expected': cast(round(expected_pct, 2) as decimal(12, 2)),
            'expected_years': expected_years,
            'ratio': cast(round(progress_ratio, 2) as decimal(12, 2)),
            'ratio_pct': cast(round(100 * progress_ratio, 0) as integer),
            'part': {{ part_of_year('evidence_period') }},
            'required': cast(round(required_growth_rest_pct, 2) as decimal(12, 2)),
            'percentile': cast(round(required_growth_percentile, 0) as integer),
            'reached': cast(
                round(rest_growth_history_years * (100 - required_growth_percentile) / 100, 0) as integer
            ),
            'history': rest_growth_history_years,
            'fastest': cast(round(rest_growth_history_max_pct, 2) as decimal(12, 2)),
            'need_low': cast(round(required_growth_rest_low_pct, 2) as decimal(12, 2)),
            'need_high': cast(round(required_growth_rest_high_pct, 2) as decimal(12, 2)),
            'share_low': cast(round(part_share_low_pct, 1) as decimal(12, 1)),
            'share_high': cast(round(part_share_high_pct, 1) as decimal(12, 1)),
            'forecast': cast(round(office_forecast, 2) as decimal(12, 2)),
            'forecast_on': office_forecast_released_on,
            'forecast_by': office_forecast_publisher,
            'released_on': released_on,
            'projected': cast(round(projected_growth_pct, 2) as decimal(12, 2)),
            'probability': cast(round(100 * probability_of_target, 0) as integer),
            'revision': mean_absolute_revision_pp,
            'detail_vi': detail_vi,
            'detail_en': detail_en,
            'given_reason_vi': given_reason_vi,
            'given_reason_en': given_reason_en,
            'no_indicator_reason_vi': no_indicator_reason_vi,
            'no_indicator_reason_en': no_indicator_reason_en,
            'relation_reason_vi': relation_reason_vi,
            'relation_reason_en': relation_reason_en,
            'sector_beside_en': sector_beside_en,
            'sector_beside_vi': sector_beside_vi,
            'index_growth': cast(round(index_growth_pct, 2) as decimal(12, 2)),
            'index_when': index_period,
            'index_released_on': index_released_on,
            'rows_quarantined': cast(rows_quarantined as bigint),
            'quarantine_files': quarantine_files
        }) as status_reason_values
    from coded
),

in_words as (
    select
        *,
        message_en(verdict_codes || ' ' || more_codes, status_reason_values) as status_reason_en,
        message_vi(verdict_codes || ' ' || more_codes, status_reason_values) as status_reason_vi
    from with_messages
)

select
    directive,
    item,
    clause,
    title_vi,
    title_en,
    indicator,
    period,
    comparator,
    threshold,
    unit,
    actual,
    gap,
    status,
    status_reason_en as status_reason,
    provisional,
    within_revision_error,
    released_on as evidence_released_on,
    publisher as evidence_publisher,
    delivery_id as evidence_delivery_id,
    deadline_on,
    cast(date_diff('day', {{ var('as_of') }}, deadline_on) as integer) as days_left,
    lead_agency_code,
    is_simulated,
    lead_agency_codes,
    item_order,
    item_kind,
    area_code,
    sector_code,
    board_code,
    denominator,
    is_denominator_assumed,
    basis,
    evidence_basis,
    evidence_period,
    progress_ratio,
    required_growth_rest_pct,
    required_growth_percentile,
    projected_growth_pct,
    probability_of_target,
    on_track_from,
    on_track_probability_from,
    at_risk_from,
    off_track_from,
    case when gap is not null then revision_basis_en end as revision_basis_en,
    label_vi as indicator_label_vi,
    label_en as indicator_label_en,
    status_reason_en,
    status_reason_vi,
    required_growth_rest_low_pct,
    required_growth_rest_high_pct,
    part_share_low_pct,
    part_share_high_pct,
    part_share_sources,
    cast(coalesce(office_forecast, announced_value) as decimal(12, 4)) as office_forecast,
    coalesce(office_forecast_released_on, announced_on) as office_forecast_released_on,
    implied_growth_low_pct,
    implied_growth_high_pct,
    value_year_before,
    direction_of_good,
    evidence_until_on,
    evidence_age_days,
    next_step_en,
    next_step_vi,
    next_step_agency,
    next_step_agency_en,
    next_step_agency_vi,
    next_step_head_en,
    next_step_head_vi,
    case when gap is not null then revision_kind end as revision_kind,
    case when gap is not null then revision_basis_vi end as revision_basis_vi,
    case when gap is not null then mean_absolute_revision_pp end as mean_absolute_revision_pp,
    is_actual_simulated,
    -- of tasks without a figure of the directive, the threshold of ours by which they are judged
    case
        when threshold is not null or given_status is null then null
        when indicator = 'construction_coverage' then cast(100 * minimum_value_coverage as decimal(12, 4))
        when indicator = 'survey_response_rate' then cast(100 * minimum_response_rate as decimal(12, 4))
    end as assumed_threshold,
    coalesce(office_forecast_publisher, announced_by) as office_forecast_publisher
from in_words

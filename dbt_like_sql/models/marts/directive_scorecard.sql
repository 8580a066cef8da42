-- A status always has a reason in words, and no status is given without evidence. Thresholds are compared on exact
-- numbers: growth computed from levels is compared on the levels, a disbursed share on the money.
with growth_evidence as (
    select
        progress.directive,
        progress.item,
        progress.evidence_basis,
        progress.evidence_period,
        progress.covers_target_period,
        progress.growth_yoy_pct as actual,
        progress.growth_progress_ratio as progress_ratio,
        progress.required_growth_rest_pct,
        progress.is_required_within_history,
        progress.is_evidence_expected,
        progress.released_on,
        progress.publisher,
        progress.delivery_id,
        coalesce(progress.estimate_stage <> 'official', true) as is_estimate,
        coalesce(progress.is_simulated, false) as is_simulated,
        case
            when
                progress.evidence_basis = 'computed_from_levels'
                and evidence.level_constant_2010_bn is not null
                and evidence.level_year_before_constant_2010_bn is not null
                then
                    cast(
                        evidence.level_constant_2010_bn - evidence.level_year_before_constant_2010_bn as decimal(22, 4)
                    )
                    * cast(100 as decimal(12, 4))
                    - cast(evidence.level_year_before_constant_2010_bn as decimal(22, 4)) * progress.target_growth_pct
            else cast(progress.growth_yoy_pct - progress.target_growth_pct as decimal(38, 8))
        end as exact_difference,
        case when errors.mean_absolute_revision_pp is not null then errors.revision_basis end as revision_basis,
        errors.mean_absolute_revision_pp
    from {{ ref('int_growth_progress') }} as progress
    left join {{ ref('int_growth_evidence') }} as evidence
        on
            progress.area_code = evidence.area_code
            and progress.sector_code = evidence.sector_code
            and progress.evidence_period = evidence.period
    left join {{ ref('revision_errors') }} as errors on progress.sector_code = errors.sector_code
),

treasury_schedule as (
    select max(case when feed = 'treasury_disbursement' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
),

disbursement_evidence as (
    select
        evidence.directive,
        evidence.item,
        evidence.evidence_basis,
        evidence.evidence_period,
        evidence.covers_target_period,
        evidence.disbursed_pct as actual,
        evidence.progress_ratio,
        evidence.expected_pct,
        evidence.day_reason_en,
        evidence.day_reason_vi,
        evidence.released_on,
        evidence.publisher,
        evidence.delivery_id,
        evidence.evidence_basis = 'published_rate' as is_estimate,
        evidence.is_simulated,
        case
            when evidence.counted_vnd is not null and items.threshold is not null
                then
                    evidence.counted_vnd
                    - cast(evidence.plan_vnd as decimal(24, 0))
                    * cast(items.threshold * cast(0.01 as decimal(3, 2)) as decimal(12, 6))
            else cast(evidence.disbursed_pct - items.threshold as decimal(38, 6))
        end as exact_difference,
        last_day(coalesce(budget_years.opens_on, make_date(cast(substr(items.period, 1, 4) as integer), 1, 1)))
        + coalesce(treasury_schedule.due_days, 0) < {{ var('as_of') }} as is_evidence_expected
    from {{ ref('int_disbursement_item_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
    cross join treasury_schedule
    left join {{ ref('budget_years') }} as budget_years
        on budget_years.budget_year = cast(substr(items.period, 1, 4) as integer)
),

season_evidence as (
    select
        directive,
        item,
        'computed_from_output' as evidence_basis,
        evidence_period,
        output_growth_pct as actual,
        released_on,
        publisher,
        delivery_id,
        is_simulated
    from {{ ref('int_peak_season_evidence') }}
),

-- Full capture has a status of its own: three families of rules, not a number against a threshold.
capture_evidence as (
    select
        directive,
        item,
        'computed_from_lists' as evidence_basis,
        evidence_period,
        covers_target_period,
        status,
        captured_pct as actual,
        capture_reason_en,
        capture_reason_vi,
        released_on,
        publisher,
        delivery_id,
        is_simulated
    from {{ ref('int_capture_item_evidence') }}
),

served as (
    select
        indicator,
        max(label_en) as label_en,
        max(label_vi) as label_vi,
        string_agg(feed, ', ' order by feed) as feeds
    from {{ ref('indicators') }}
    group by indicator
),

steps as (
    select
        max(case when status = 'on_track' then minimum_progress_ratio end) as on_track_from,
        max(case when status = 'at_risk' then minimum_progress_ratio end) as at_risk_from,
        max(case when status = 'off_track' then minimum_progress_ratio end) as off_track_from
    from {{ ref('status_thresholds') }}
),

joined as (
    select
        items.*,
        served.label_en,
        served.label_vi,
        served.feeds,
        growth.item is not null as is_growth,
        disbursement.item is not null as is_disbursement,
        coalesce(growth.actual, disbursement.actual, season.actual, capture.actual) as actual,
        coalesce(growth.evidence_basis, disbursement.evidence_basis, season.evidence_basis, capture.evidence_basis)
            as evidence_basis,
        coalesce(growth.evidence_period, disbursement.evidence_period, season.evidence_period, capture.evidence_period)
            as evidence_period,
        coalesce(
            growth.covers_target_period, disbursement.covers_target_period, capture.covers_target_period, false
        ) as covers_target_period,
        capture.status as capture_status,
        capture.capture_reason_en,
        capture.capture_reason_vi,
        coalesce(growth.progress_ratio, disbursement.progress_ratio) as progress_ratio,
        growth.required_growth_rest_pct,
        growth.is_required_within_history,
        coalesce(growth.is_evidence_expected, disbursement.is_evidence_expected) as is_evidence_expected,
        disbursement.expected_pct,
        disbursement.day_reason_en,
        disbursement.day_reason_vi,
        coalesce(growth.released_on, disbursement.released_on, season.released_on, capture.released_on)
            as evidence_released_on,
        coalesce(growth.publisher, disbursement.publisher, season.publisher, capture.publisher) as evidence_publisher,
        coalesce(growth.delivery_id, disbursement.delivery_id, season.delivery_id, capture.delivery_id)
            as evidence_delivery_id,
        coalesce(growth.is_estimate, disbursement.is_estimate, season.item is not null or capture.item is not null)
            as is_estimate,
        coalesce(growth.is_simulated, disbursement.is_simulated, season.is_simulated, capture.is_simulated, false)
            as is_simulated,
        coalesce(growth.exact_difference, disbursement.exact_difference) as exact_difference,
        growth.revision_basis,
        growth.mean_absolute_revision_pp,
        relation.relation_reason_en,
        relation.relation_reason_vi,
        steps.on_track_from,
        steps.at_risk_from,
        steps.off_track_from
    from {{ ref('dim_directive_item') }} as items
    cross join steps
    left join served on items.indicator = served.indicator
    left join growth_evidence as growth
        on
            items.directive = growth.directive
            and items.item = growth.item
    left join disbursement_evidence as disbursement
        on
            items.directive = disbursement.directive
            and items.item = disbursement.item
    left join season_evidence as season
        on
            items.directive = season.directive
            and items.item = season.item
    left join capture_evidence as capture
        on
            items.directive = capture.directive
            and items.item = capture.item
    left join {{ ref('int_part_of_sector_relation') }} as relation
        on
            items.directive = relation.directive
            and items.item = relation.item
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
),

judged as (
    select
        *,
        case
            when capture_status is not null then capture_status
            when
                actual is null
                and (
                    not coalesce(is_evidence_expected, true)
                    or (
                        is_evidence_expected is null
                        and try_cast(substr(period, 1, 4) || '-01-01' as date) > {{ var('as_of') }}
                    )
                )
                then 'not_yet_due'
            when actual is null and indicator is null then 'no_indicator'
            when actual is null then 'no_data'
            when threshold is null then 'monitored'
            when covers_target_period and is_reached then 'achieved'
            when covers_target_period then 'missed'
            when progress_ratio is null then 'not_comparable'
            when progress_ratio < off_track_from then 'deteriorating'
            when progress_ratio < at_risk_from then 'off_track'
            when progress_ratio < on_track_from then 'at_risk'
            when is_growth and not coalesce(is_required_within_history, false) then 'at_risk'
            else 'on_track'
        end as status
    from compared
),

worded as (
    select
        *,
        case when unit = 'percent' then ' %' else '' end as unit_en,
        case when unit = 'percent' then '%' else '' end as unit_vi,
        regexp_replace(cast(actual as varchar), '[.]?0+$', '') as actual_text,
        regexp_replace(cast(threshold as varchar), '[.]?0+$', '') as threshold_text,
        regexp_replace(cast(expected_pct as varchar), '[.]?0+$', '') as expected_text,
        regexp_replace(cast(progress_ratio as varchar), '[.]?0+$', '') as ratio_text,
        regexp_replace(cast(required_growth_rest_pct as varchar), '[.]?0+$', '') as required_text,
        regexp_replace(cast(mean_absolute_revision_pp as varchar), '[.]?0+$', '') as revision_text,
        case comparator
            when '>' then 'more than ' when '>=' then 'at least ' when '<' then 'less than ' else 'at most '
        end as comparator_en,
        case comparator when '>' then 'trên ' when '<' then 'dưới ' when '<=' then 'không quá ' else '' end
            as comparator_vi,
        case comparator when '>=' then ' trở lên' else '' end as comparator_end_vi,
        case
            when length(evidence_period) = 10 then strftime(try_cast(evidence_period as date), '%d/%m/%Y')
            else evidence_period
        end as evidence_period_vi,
        case denominator
            when 'pm_assigned' then ' of the plan assigned by the Prime Minister'
            when 'year_plan_without_carried_over' then ' of the plan of the year without carried-over capital'
            when 'all_components' then ' of the whole plan'
            else ''
        end as denominator_en,
        case denominator
            when 'pm_assigned' then ' kế hoạch vốn Thủ tướng Chính phủ giao'
            when 'year_plan_without_carried_over' then ' kế hoạch vốn trong năm (không gồm vốn kéo dài)'
            when 'all_components' then ' toàn bộ kế hoạch vốn'
            else ''
        end as denominator_vi
    from judged
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
    case
        when capture_reason_en is not null then capture_reason_en
        when status = 'not_yet_due' then 'Nothing is expected yet by the release calendar'
        when status = 'no_indicator' then 'No honest indicator exists for this task'
        when status = 'no_data' and relation_reason_en is not null then relation_reason_en
        when status = 'no_data' and is_growth
            then
                'No figure released by ' || cast({{ var('as_of') }} as varchar) || ' gives ' || label_en || ' in '
                || period
        when status = 'no_data' and is_disbursement
            then
                coalesce(
                    day_reason_en,
                    'No Treasury data, plan or published rate gives the share disbursed' || denominator_en
                )
        when status = 'no_data' and feeds is not null
            then 'No accepted delivery of ' || feeds || ' gives figures for: ' || label_en
        when status = 'no_data' then 'No feed gives figures yet for: ' || label_en
        when status = 'monitored'
            then
                actual_text || unit_en || denominator_en || ' by ' || evidence_period
                || case when evidence_basis = 'published_rate' then ' (published)' else '' end
                || '; the directive sets no threshold'
        when status in ('achieved', 'missed')
            then
                actual_text || unit_en || denominator_en || ' against ' || comparator_en || threshold_text || unit_en
                || ': ' || status
                || case when provisional then ' on an estimate' else '' end
                || case
                    when within_revision_error
                        then '; the gap is smaller than the mean absolute revision (' || revision_text || ' pp)'
                    else ''
                end
        when status = 'not_comparable' then 'Evidence of ' || evidence_period || ' cannot be compared with the target'
        when is_disbursement
            then
                actual_text || unit_en || denominator_en || ' by ' || evidence_period || '; ' || expected_text
                || ' % expected on a straight line between the milestones (assumption): ratio ' || ratio_text
        else
            actual_text || unit_en || ' in ' || evidence_period || ' against ' || comparator_en || threshold_text
            || unit_en || ' in ' || period || ': ratio ' || ratio_text
            || case
                when required_growth_rest_pct is null then '; what the rest of the year needs cannot be computed'
                when is_required_within_history
                    then '; the rest of the year needs ' || required_text || ' %, which earlier years have reached'
                when is_required_within_history is null
                    then '; the rest of the year needs ' || required_text || ' %, with no history to set it against'
                else '; the rest of the year needs ' || required_text || ' %, more than any earlier year reached'
            end
    end
    || case when is_simulated then '; on simulated data' else '' end as status_reason,
    provisional,
    within_revision_error,
    evidence_released_on,
    evidence_publisher,
    evidence_delivery_id,
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
    on_track_from,
    at_risk_from,
    case when gap is not null then revision_basis end as revision_basis,
    case
        when capture_reason_vi is not null then capture_reason_vi
        when status = 'not_yet_due' then 'Theo lịch công bố chưa đến kỳ có số liệu'
        when status = 'no_indicator' then 'Không có chỉ số phù hợp để theo dõi nhiệm vụ này'
        when status = 'no_data' and relation_reason_vi is not null then relation_reason_vi
        when status = 'no_data' and is_growth
            then
                'Đến ' || strftime({{ var('as_of') }}, '%d/%m/%Y') || ' chưa có số liệu ' || label_vi
                || ' năm ' || period
        when status = 'no_data' and is_disbursement
            then coalesce(day_reason_vi, 'Chưa có chứng từ Kho bạc, kế hoạch vốn hoặc số công bố về tỷ lệ giải ngân')
        when status = 'no_data' and feeds is not null then 'Chưa nhận được số liệu cho: ' || label_vi
        when status = 'no_data' then 'Chưa có nguồn số liệu cho: ' || label_vi
        when status = 'monitored'
            then
                title_vi || ': ' || replace(actual_text, '.', ',') || unit_vi || denominator_vi || ' (đến '
                || evidence_period_vi || case when evidence_basis = 'published_rate' then ', số công bố' else '' end
                || '); chỉ đạo không đặt ngưỡng'
        when status in ('achieved', 'missed')
            then
                title_vi || ': ' || case when provisional then 'ước ' else '' end
                || replace(actual_text, '.', ',') || unit_vi || denominator_vi || ' so với mục tiêu ' || comparator_vi
                || replace(threshold_text, '.', ',') || unit_vi || comparator_end_vi || ': '
                || case when provisional then 'ước ' else '' end
                || case status when 'achieved' then 'đạt' else 'không đạt' end
                || case
                    when within_revision_error then '; chênh lệch nhỏ hơn mức điều chỉnh số liệu bình quân'
                    else ''
                end
        when status = 'not_comparable' then 'Số liệu kỳ ' || evidence_period_vi || ' không so sánh được với mục tiêu'
        when is_disbursement
            then
                title_vi || ': ' || replace(actual_text, '.', ',') || '%' || denominator_vi || ' (đến '
                || evidence_period_vi || '); cần có ' || replace(expected_text, '.', ',')
                || '% theo đường thẳng giữa các mốc (giả định): tỷ lệ tiến độ ' || replace(ratio_text, '.', ',')
        else
            title_vi || ': ' || replace(actual_text, '.', ',') || unit_vi || ' (' || evidence_period_vi
            || ') so với mục tiêu ' || comparator_vi || replace(threshold_text, '.', ',') || unit_vi
            || comparator_end_vi || ' cả năm: tỷ lệ tiến độ ' || replace(ratio_text, '.', ',')
            || case
                when required_growth_rest_pct is null then '; chưa tính được mức cần đạt trong phần còn lại của năm'
                when is_required_within_history
                    then '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',') || '%, đã từng đạt được'
                when is_required_within_history is null
                    then
                        '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',')
                        || '%, chưa có số liệu các năm trước để so'
                else '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',') || '%, chưa năm nào đạt'
            end
    end
    || case when is_simulated then '; số liệu mô phỏng' else '' end as status_reason_vi
from worded
order by issued_on, directive, item_order, item

-- The verdicts in words: a status always has a reason that can be read aloud.
with declared as (
    {{ indicators() }}
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

evidence_deliveries as (
    select distinct
        directive,
        item,
        feed,
        delivery_id
    from {{ ref('evidence') }}
),

set_apart as (
    select
        evidence_deliveries.directive,
        evidence_deliveries.item,
        sum(deliveries.rows_rejected) as rows_set_apart,
        string_agg(deliveries.source_file, ', ' order by deliveries.source_file) as set_apart_files
    from evidence_deliveries
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            evidence_deliveries.feed = deliveries.feed
            and evidence_deliveries.delivery_id = deliveries.delivery_id
    where deliveries.status = 'accepted_in_part'
    group by evidence_deliveries.directive, evidence_deliveries.item
),

said as (
    select
        judged.*,
        coalesce(served.label_en, absent.label_en) as label_en,
        coalesce(served.label_vi, absent.label_vi) as label_vi,
        served.feeds,
        relation.relation_reason_en,
        relation.relation_reason_vi,
        set_apart.set_apart_files,
        cast(set_apart.rows_set_apart as varchar) as set_apart_text,
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
    left join set_apart
        on
            judged.directive = set_apart.directive
            and judged.item = set_apart.item
),

worded as (
    select
        *,
        case when unit = 'percent' then ' %' else '' end as unit_en,
        case when unit = 'percent' then '%' else '' end as unit_vi,
        -- Two decimals are what one reads aloud; four where two would hide on which side of the threshold it lies.
        case
            when cast(round(actual, 2) as decimal(12, 4)) = threshold
                then regexp_replace(cast(actual as varchar), '[.]?0+$', '')
            else regexp_replace(cast(cast(round(actual, 2) as decimal(12, 2)) as varchar), '[.]?0+$', '')
        end as actual_text,
        case
            when unit = 'count' and actual >= 1000
                then
                    ltrim(
                        regexp_replace(
                            regexp_replace(cast(cast(round(actual, 0) as bigint) as varchar), '([0-9]{3})$', '.\1'),
                            '([0-9]{3})[.]', '.\1.'
                        ),
                        '.'
                    )
        end as count_text,
        regexp_replace(cast(threshold as varchar), '[.]?0+$', '') as threshold_text,
        regexp_replace(cast(cast(round(expected_pct, 2) as decimal(12, 2)) as varchar), '[.]?0+$', '') as expected_text,
        regexp_replace(cast(cast(round(progress_ratio, 2) as decimal(12, 2)) as varchar), '[.]?0+$', '') as ratio_text,
        regexp_replace(cast(cast(round(required_growth_rest_pct, 2) as decimal(12, 2)) as varchar), '[.]?0+$', '')
            as required_text,
        regexp_replace(cast(cast(round(projected_growth_pct, 2) as decimal(12, 2)) as varchar), '[.]?0+$', '')
            as projected_text,
        cast(cast(round(100 * probability_of_target, 0) as integer) as varchar) as probability_text,
        cast(cast(round(required_growth_percentile, 0) as integer) as varchar) as percentile_text,
        cast(rest_growth_history_years as varchar) as history_text,
        regexp_replace(cast(mean_absolute_revision_pp as varchar), '[.]?0+$', '') as revision_text,
        coalesce(' (' || detail_en || ')', '') as detail_text_en,
        coalesce(' (' || detail_vi || ')', '') as detail_text_vi,
        case comparator
            when '>' then 'more than ' when '>=' then 'at least ' when '<' then 'less than ' else 'at most '
        end as comparator_en,
        case comparator when '>' then 'trên ' when '<' then 'dưới ' when '<=' then 'không quá ' else '' end
            as comparator_vi,
        case comparator when '>=' then ' trở lên' else '' end as comparator_end_vi,
        case
            when length(evidence_period) = 10 then 'by ' || evidence_period
            when length(evidence_period) = 16
                then 'from ' || substr(evidence_period, 1, 7) || ' to ' || substr(evidence_period, 10, 7)
            else 'in ' || evidence_period
        end as evidence_when_en,
        case
            when length(evidence_period) = 10 then 'đến ' || strftime(try_cast(evidence_period as date), '%d/%m/%Y')
            when length(evidence_period) = 16
                then
                    'từ tháng '
                    || substr(evidence_period, 6, 2)
                    || '/'
                    || substr(evidence_period, 1, 4)
                    || ' đến tháng '
                    || substr(evidence_period, 15, 2) || '/' || substr(evidence_period, 10, 4)
            when evidence_period like '____-Q_'
                then 'quý ' || substr(evidence_period, 7, 1) || '/' || substr(evidence_period, 1, 4)
            when evidence_period like '____-%M'
                then
                    replace(substr(evidence_period, 6), 'M', '') || ' tháng năm ' || substr(evidence_period, 1, 4)
            when length(evidence_period) = 7
                then 'tháng ' || substr(evidence_period, 6, 2) || '/' || substr(evidence_period, 1, 4)
            when length(evidence_period) = 4 then 'năm ' || evidence_period
            else 'kỳ ' || evidence_period
        end as evidence_when_vi,
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
    from said
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
        when given_status is not null then given_reason_en
        when status = 'not_yet_due' and issued_on > {{ var('as_of') }}
            then 'Not issued yet: it is dated ' || cast(issued_on as varchar)
        when status = 'not_yet_due' then 'Nothing is expected yet by the release calendar'
        when status = 'no_indicator'
            then coalesce(no_indicator_reason_en, 'No honest indicator exists for this task')
        when status = 'no_data' and relation_reason_en is not null then relation_reason_en
        when status = 'no_data' and is_growth
            then
                'No figure released by ' || cast({{ var('as_of') }} as varchar) || ' gives ' || label_en || ' in '
                || period
        when status = 'no_data' and is_disbursement
            then
                coalesce(
                    given_reason_en,
                    'No Treasury data, plan or published rate gives the share disbursed' || denominator_en
                )
        when status = 'no_data' and feeds is not null
            then 'No accepted delivery of ' || feeds || ' gives figures for: ' || label_en
        when status = 'no_data' then 'No feed gives figures yet for: ' || label_en
        when status = 'monitored'
            then
                coalesce(replace(count_text, '.', ','), actual_text || unit_en) || denominator_en || ' '
                || evidence_when_en || case when evidence_basis = 'published_rate' then ' (published)' else '' end
                || detail_text_en || '; the directive sets no threshold'
        when status in ('achieved', 'missed')
            then
                actual_text || unit_en || denominator_en || ' against ' || comparator_en || threshold_text || unit_en
                || ': ' || status
                || case when provisional then ' on an estimate' else '' end
                || detail_text_en
                || case
                    when within_revision_error
                        then '; the gap is smaller than the mean absolute revision (' || revision_text || ' pp)'
                    else ''
                end
        when status = 'not_comparable' then 'Evidence of ' || evidence_period || ' cannot be compared with the target'
        when is_disbursement
            then
                actual_text || unit_en || denominator_en || ' ' || evidence_when_en || '; ' || expected_text
                || ' % expected ' || case
                    when expected_basis = 'earlier_years_course'
                        then 'after the course of budget year ' || expected_years
                    else 'on a straight line between the milestones (assumption)'
                end
                || ': ratio ' || ratio_text || detail_text_en
        when evidence_family = 'task'
            then
                actual_text || unit_en || ' ' || evidence_when_en || ' against ' || comparator_en || threshold_text
                || unit_en || ' in ' || period || detail_text_en || ': ratio ' || ratio_text
        else
            actual_text || unit_en || ' ' || evidence_when_en || ' against ' || comparator_en || threshold_text
            || unit_en || ' in ' || period || ': ratio ' || ratio_text
            || case
                when required_growth_rest_pct is null then '; what the rest of the year needs cannot be computed'
                when is_required_within_history
                    then
                        '; the rest of the year needs ' || required_text || ' %, which earlier years have reached'
                        || ' (percentile ' || percentile_text || ' of ' || history_text || ' years)'
                when is_required_within_history is null
                    then '; the rest of the year needs ' || required_text || ' %, with no history to set it against'
                else
                    '; the rest of the year needs ' || required_text || ' %, more than any of ' || history_text
                    || ' earlier years reached'
            end
            || case
                when probability_of_target is not null
                    then
                        '; projected ' || projected_text || ' % for the year, probability of meeting the target '
                        || probability_text || ' %'
                when earlier_years < 3
                    then '; no projection with fewer than three earlier years of levels'
                else ''
            end
    end
    || case
        when set_apart_text is null then ''
        else
            '; not counted: ' || set_apart_text || case when set_apart_text = '1' then ' row' else ' rows' end
            || ' set apart of ' || set_apart_files
    end
    || case when is_simulated then '; on simulated data' else '' end as status_reason,
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
    case when gap is not null then revision_basis end as revision_basis,
    label_vi as indicator_label_vi,
    label_en as indicator_label_en,
    case
        when given_status is not null then given_reason_vi
        when status = 'not_yet_due' and issued_on > {{ var('as_of') }}
            then 'Văn bản chưa ban hành: ngày ban hành là ' || strftime(issued_on, '%d/%m/%Y')
        when status = 'not_yet_due' then 'Theo lịch công bố chưa đến kỳ có số liệu'
        when status = 'no_indicator'
            then coalesce(no_indicator_reason_vi, 'Không có chỉ số phù hợp để theo dõi nhiệm vụ này')
        when status = 'no_data' and relation_reason_vi is not null then relation_reason_vi
        when status = 'no_data' and is_growth
            then
                'Đến ' || strftime({{ var('as_of') }}, '%d/%m/%Y') || ' chưa có số liệu ' || label_vi
                || ' năm ' || period
        when status = 'no_data' and is_disbursement
            then coalesce(given_reason_vi, 'Chưa có chứng từ Kho bạc, kế hoạch vốn hoặc số công bố về tỷ lệ giải ngân')
        when status = 'no_data' and feeds is not null then 'Chưa nhận được số liệu cho: ' || label_vi
        when status = 'no_data' then 'Chưa có nguồn số liệu cho: ' || label_vi
        when status = 'monitored'
            then
                title_vi || ': ' || coalesce(count_text, replace(actual_text, '.', ',') || unit_vi) || denominator_vi
                || ' (' || evidence_when_vi
                || case when evidence_basis = 'published_rate' then ', số công bố' else '' end
                || ')' || detail_text_vi || '; chỉ đạo không đặt ngưỡng'
        when status in ('achieved', 'missed')
            then
                title_vi || ': ' || case when provisional then 'ước ' else '' end
                || replace(actual_text, '.', ',') || unit_vi || denominator_vi || ' so với mục tiêu ' || comparator_vi
                || replace(threshold_text, '.', ',') || unit_vi || comparator_end_vi || ': '
                || case when provisional then 'ước ' else '' end
                || case status when 'achieved' then 'đạt' else 'không đạt' end
                || detail_text_vi
                || case
                    when within_revision_error then '; chênh lệch nhỏ hơn mức điều chỉnh số liệu bình quân'
                    else ''
                end
        when status = 'not_comparable' then 'Số liệu ' || evidence_when_vi || ' không so sánh được với mục tiêu'
        when is_disbursement
            then
                title_vi || ': ' || replace(actual_text, '.', ',') || '%' || denominator_vi || ' ('
                || evidence_when_vi || '); cần có ' || replace(expected_text, '.', ',')
                || case
                    when expected_basis = 'earlier_years_course' then '% theo nhịp giải ngân niên độ ' || expected_years
                    else '% theo đường thẳng giữa các mốc (giả định)'
                end
                || ': tỷ lệ tiến độ ' || replace(ratio_text, '.', ',') || detail_text_vi
        when evidence_family = 'task'
            then
                title_vi || ': ' || replace(actual_text, '.', ',') || unit_vi || ' (' || evidence_when_vi
                || ') so với mục tiêu ' || comparator_vi || replace(threshold_text, '.', ',') || unit_vi
                || comparator_end_vi || detail_text_vi || ': tỷ lệ tiến độ ' || replace(ratio_text, '.', ',')
        else
            title_vi || ': ' || replace(actual_text, '.', ',') || unit_vi || ' (' || evidence_when_vi
            || ') so với mục tiêu ' || comparator_vi || replace(threshold_text, '.', ',') || unit_vi
            || comparator_end_vi || ' cả năm: tỷ lệ tiến độ ' || replace(ratio_text, '.', ',')
            || case
                when required_growth_rest_pct is null then '; chưa tính được mức cần đạt trong phần còn lại của năm'
                when is_required_within_history
                    then
                        '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',') || '%, đã từng đạt được'
                        || ' (phân vị ' || percentile_text || ' trong ' || history_text || ' năm)'
                when is_required_within_history is null
                    then
                        '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',')
                        || '%, chưa có số liệu các năm trước để so'
                else
                    '; phần còn lại của năm cần tăng ' || replace(required_text, '.', ',') || '%, chưa năm nào trong '
                    || history_text || ' năm trước đạt'
            end
            || case
                when probability_of_target is not null
                    then
                        '; ước cả năm ' || replace(projected_text, '.', ',') || '%, xác suất đạt mục tiêu '
                        || probability_text || '%'
                when earlier_years < 3
                    then '; chưa đủ ba năm trước có số liệu nên không ước cả năm'
                else ''
            end
    end
    || case
        when set_apart_text is null then ''
        else '; chưa tính ' || set_apart_text || ' dòng bị tách riêng của tệp ' || set_apart_files
    end
    || case when is_simulated then '; số liệu mô phỏng' else '' end as status_reason_vi
from worded

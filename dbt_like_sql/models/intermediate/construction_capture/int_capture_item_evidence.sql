-- What is said of an item of a directive over its period. Full capture has the verdict of the whole period. The quality
-- of surveys is achieved when every quarter has answers enough and missed when one has not and the period is over; else
-- it is at risk, and the weakest stratum is named either way.
with items as (
    select
        directive,
        item,
        indicator,
        area_code,
        {{ first_quarter_of('period') }} as first_quarter,
        {{ last_quarter_of('period') }} as last_quarter
    from {{ ref('directive_items') }}
    where indicator in ('construction_coverage', 'survey_response_rate')
),

thresholds as (
    select
        {{ threshold('minimum_value_coverage') }} as minimum_coverage,
        {{ threshold('minimum_response_rate') }} as minimum_response,
        {{ threshold('minimum_item_response_rate') }} as minimum_items
    from {{ ref('capture_thresholds') }}
),

cells as (
    select
        items.directive,
        items.item,
        items.indicator,
        items.last_quarter,
        strata.*
    from items
    inner join {{ ref('int_capture_strata') }} as strata
        on
            strata.quarter between items.first_quarter and items.last_quarter
            and items.area_code = strata.area_code
),

known as (
    select
        directive,
        item,
        indicator,
        min(quarter) as first_known_quarter,
        max(quarter) as last_known_quarter,
        max(quarter) = max(last_quarter) as is_over,
        sum(case when selection = 'take_all' and n_matched is not null then n_permits else 0 end) as n_permits,
        sum(case when selection = 'take_all' then n_matched else 0 end) as n_matched,
        sum(n_units_drawn) as n_units_drawn,
        sum(n_units_answered) as n_units_answered,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from cells
    where not is_total
    group by directive, item, indicator
),

-- Findings without a district, such as a contractor's, belong to the only area or to none that can be told.
failed as (
    select
        items.directive,
        items.item,
        sum(case when findings.family = 'complete' then findings.n_failed else 0 end) as complete_failed,
        sum(case when findings.family = 'correct' then findings.n_failed else 0 end) as correct_failed
    from items
    inner join {{ ref('int_capture_findings') }} as findings
        on
            findings.quarter between items.first_quarter and items.last_quarter
            and coalesce(findings.area_code, items.area_code) = items.area_code
    group by items.directive, items.item
),

responses as (
    select
        cells.directive,
        cells.item,
        string_agg(
            case when coalesce(cells.n_units_answered, 0) = 0 then cells.quarter end, ', ' order by cells.quarter
        ) as silent_quarters,
        count(
            case
                when
                    coalesce(cells.unit_response_rate, 0) < thresholds.minimum_response
                    or coalesce(cells.item_response_rate, 0) < thresholds.minimum_items
                    then 1
            end
        ) as quarters_failed
    from cells
    cross join thresholds
    where cells.is_total and cells.district_code = 'total' and cells.stratum = 'total'
    group by cells.directive, cells.item
),

ranked as (
    select
        cells.*,
        row_number() over (
            partition by cells.directive, cells.item
            order by
                cells.unit_response_rate asc,
                cells.value_left_out_mn desc,
                cells.quarter asc,
                cells.district_code asc,
                cells.stratum asc
        ) as row_number
    from cells
    where
        not cells.is_total
        and cells.indicator = 'survey_response_rate'
        and cells.unit_response_rate is not null
),

names as (
    select
        admin_unit_code,
        max(name_vi) as name_vi
    from {{ ref('admin_units') }}
    where admin_level = 'district'
    group by admin_unit_code
),

worst as (
    select
        ranked.directive,
        ranked.item,
        ranked.quarter,
        coalesce(names.name_vi, ranked.district_code) as district,
        coalesce(strata.label_en, ranked.stratum) as stratum_en,
        coalesce(strata.label_vi, ranked.stratum) as stratum_vi,
        ranked.n_units_answered as n_found,
        ranked.n_units_drawn as n_sought
    from ranked
    left join names on ranked.district_code = names.admin_unit_code
    left join {{ ref('construction_strata') }} as strata on ranked.stratum = strata.stratum
    where ranked.row_number = 1
),

newest as (
    select
        released_on,
        max(delivery_id) as delivery_id,
        max(supplier) as publisher
    from {{ ref('stg_deliveries') }}
    where feed = 'construction_survey' and status in ('accepted', 'accepted_in_part')
    group by released_on
),

judged as (
    select
        known.*,
        coalesce(responses.quarters_failed, 0) = 0 as holds,
        verdicts.capture_verdict,
        verdicts.is_period_due,
        verdicts.is_complete,
        verdicts.is_correct,
        verdicts.is_estimated_enough,
        verdicts.value_coverage,
        verdicts.value_coverage_low,
        verdicts.value_coverage_high,
        verdicts.coverage,
        verdicts.unit_response_rate,
        verdicts.n_units_answered as n_year_answered,
        verdicts.n_units_drawn as n_year_drawn,
        verdicts.n_silent_districts,
        verdicts.n_returns,
        verdicts.n_wrong_returns,
        verdicts.unestimated_share,
        verdicts.unestimated_strata_en,
        verdicts.unestimated_strata_vi,
        verdicts.value_to_find_mn,
        verdicts.n_works_to_find,
        verdicts.worst_district as least_district,
        verdicts.worst_district_coverage,
        verdicts.worst_stratum_en as least_stratum_en,
        verdicts.worst_stratum_vi as least_stratum_vi,
        verdicts.worst_stratum_coverage,
        coalesce(failed.complete_failed, 0) as complete_failed,
        coalesce(failed.correct_failed, 0) as correct_failed,
        coalesce(responses.quarters_failed, 0) as quarters_failed,
        responses.silent_quarters,
        thresholds.minimum_coverage,
        worst.quarter as worst_quarter,
        worst.district as worst_district,
        worst.stratum_en as worst_stratum_en,
        worst.stratum_vi as worst_stratum_vi,
        worst.n_found,
        worst.n_sought
    from known
    cross join thresholds
    left join {{ ref('int_capture_verdicts') }} as verdicts
        on
            known.directive = verdicts.directive
            and known.item = verdicts.item
    left join failed
        on
            known.directive = failed.directive
            and known.item = failed.item
    left join responses
        on
            known.directive = responses.directive
            and known.item = responses.item
    left join worst
        on
            known.directive = worst.directive
            and known.item = worst.item
),

stated as (
    select
        *,
        case
            when indicator = 'construction_coverage' then capture_verdict
            when holds and is_over then 'achieved'
            when is_over then 'missed'
            else 'at_risk'
        end as status,
        case
            when first_known_quarter = last_known_quarter then first_known_quarter
            else first_known_quarter || '..' || last_known_quarter
        end as evidence_period
    from judged
),

with_messages as (
    select
        *,
        case
            when indicator = 'construction_coverage'
                then
                    concat_ws(
                        ' ',
                        case when capture_verdict = 'undecided' then 'capture_undecided' end,
                        case when value_coverage is null then 'capture_value_unknown' else 'capture_value' end,
                        case when coverage is not null then 'capture_works' end,
                        case when n_permits > 0 then 'capture_permits_found' end,
                        case when is_complete then 'capture_complete' else 'capture_not_complete' end,
                        case when is_correct then 'capture_correct' else 'capture_not_correct' end,
                        'capture_findings',
                        'capture_period',
                        case when silent_quarters is not null then 'capture_no_returns' end,
                        case when not is_period_due then 'capture_period_not_over' end,
                        case when unestimated_strata_vi is not null then 'capture_unestimated' end,
                        case
                            when capture_verdict = 'achieved' or value_to_find_mn is null then null
                            when value_to_find_mn > 0 and n_works_to_find is not null then 'capture_to_find'
                            when value_to_find_mn > 0 then 'capture_value_to_find'
                        end,
                        case
                            when least_district is not null and least_stratum_vi is not null then 'capture_least'
                            when least_district is not null then 'capture_least_district'
                            when least_stratum_vi is not null then 'capture_least_stratum'
                        end,
                        'capture_thresholds_assumed'
                    )
            else
                concat_ws(
                    ' ',
                    'capture_response_rates',
                    'capture_period',
                    case when silent_quarters is not null then 'capture_no_returns' end,
                    case when not is_over then 'capture_period_not_over' end,
                    -- Where nobody answered for a whole quarter, that is the cause and no district is.
                    case when worst_quarter is not null and silent_quarters is null then 'capture_weakest_by_units' end,
                    'capture_thresholds_assumed'
                )
        end as capture_reason_codes,
        to_json({
            'complete_failed': complete_failed,
            'correct_failed': correct_failed,
            'quarters_failed': quarters_failed,
            'silent_when': silent_quarters,
            'period_when': evidence_period,
            'quarter_when': worst_quarter,
            'district': worst_district,
            'stratum_en': worst_stratum_en,
            'stratum_vi': worst_stratum_vi,
            'n_found': n_found,
            'n_sought': n_sought,
            'value_pct': round(100 * value_coverage, 1),
            'low_pct': round(100 * value_coverage_low, 1),
            'high_pct': round(100 * value_coverage_high, 1),
            'least_pct': round(100 * minimum_coverage, 1),
            'works_pct': round(100 * coverage, 1),
            'n_permits': n_permits,
            'n_matched': n_matched,
            'n_answered': n_year_answered,
            'n_drawn': n_year_drawn,
            'response_pct': round(100 * unit_response_rate, 1),
            'n_silent': n_silent_districts,
            'n_wrong': n_wrong_returns,
            'n_returns': n_returns,
            'unestimated_pct': round(100 * unestimated_share, 1),
            'unestimated_en': unestimated_strata_en,
            'unestimated_vi': unestimated_strata_vi,
            'n_works': n_works_to_find,
            'value_bn': round(value_to_find_mn / 1000, 1),
            'least_district': least_district,
            'district_pct': round(100 * worst_district_coverage, 1),
            'least_stratum_en': least_stratum_en,
            'least_stratum_vi': least_stratum_vi,
            'stratum_pct': round(100 * worst_stratum_coverage, 1)
        }) as capture_reason_values
    from stated
)

select
    stated.directive,
    stated.item,
    'computed_from_lists' as evidence_basis,
    stated.evidence_period,
    case when stated.indicator = 'construction_coverage' then stated.is_period_due else stated.is_over end
        as covers_target_period,
    stated.status,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 8)) as exact_difference,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    cast(
        round(
            100 * case
                when stated.indicator = 'construction_coverage' then cast(stated.value_coverage as double)
                else cast(stated.n_units_answered as double) / nullif(stated.n_units_drawn, 0)
            end,
            4
        ) as decimal(12, 4)
    ) as actual,
    message_en(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_en,
    message_vi(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_vi,
    stated.released_on,
    newest.publisher,
    newest.delivery_id,
    stated.is_simulated
from with_messages as stated
left join newest on stated.released_on = newest.released_on
where stated.released_on is not null

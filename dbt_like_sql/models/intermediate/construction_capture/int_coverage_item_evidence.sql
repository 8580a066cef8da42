-- What is said of an item on full capture, judged over its whole period, never domain by domain. Complete: enough units
-- answered and no district was silent. Correct: few returns are wrong. Nothing left out: coverage by value, whose lower
-- limit must reach the threshold, while strata without an estimate may not weigh much. Values and variances of
-- quarters add up, but not the errors of the share never begun; other errors of quarters are taken as independent.
with items as (
    select * from {{ ref('int_capture_items') }}
    where indicator = 'construction_coverage'
),

thresholds as (
    select
        {{ threshold('minimum_value_coverage') }} as minimum_coverage,
        {{ threshold('minimum_response_rate') }} as minimum_response,
        {{ threshold('maximum_wrong_share') }} as maximum_wrong,
        {{ threshold('maximum_unestimated_share') }} as maximum_unestimated
    from {{ ref('capture_thresholds') }}
),

strata_of_items as (
    {{ capture_strata_of('items') }}
),

known as (
    select
        directive,
        item,
        min(quarter) as first_known_quarter,
        max(quarter) as last_known_quarter,
        sum(case when selection = 'take_all' and n_matched is not null then n_permits else 0 end) as n_permits,
        sum(case when selection = 'take_all' then n_matched else 0 end) as n_matched,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from strata_of_items
    where not is_total
    group by directive, item
),

-- Values come from the estimates of totals, counts from the strata.
quarters_of_items as (
    select
        counts.directive,
        counts.item,
        counts.quarter,
        counts.district_code,
        counts.stratum,
        counts.n_units_answered,
        counts.n_units_drawn,
        counts.value_recorded_mn,
        counts.value_set_aside_imputed_mn,
        counts.works_recorded,
        counts.chapman_estimate,
        totals.value_estimated_mn,
        totals.value_not_found_mn,
        totals.value_unseen_mn,
        totals.value_missing_variance,
        totals.value_not_begun_error_mn,
        totals.value_perhaps_not_begun_mn,
        totals.has_too_few_answers,
        totals.n_cases_answered
    from strata_of_items as counts
    left join {{ ref('int_capture_totals') }} as totals
        on
            counts.quarter = totals.quarter
            and counts.area_code = totals.area_code
            and counts.district_code = totals.district_code
            and counts.stratum = totals.stratum
    where counts.is_total
),

-- The whole period: area, districts, strata.
years as (
    select
        directive,
        item,
        district_code,
        stratum,
        count(*) as n_quarters,
        count(case when coalesce(n_units_answered, 0) = 0 then 1 end) as n_silent_quarters,
        cast(sum(n_units_answered) as double) / nullif(sum(n_units_drawn), 0) as response_rate,
        sum(n_units_answered) as n_units_answered,
        sum(n_units_drawn) as n_units_drawn,
        cast(sum(value_recorded_mn + value_set_aside_imputed_mn) as double) as value_recorded,
        cast(sum(value_estimated_mn) as double) as value_estimated,
        cast(sum(value_not_found_mn + value_unseen_mn) as double) as value_missing,
        cast(
            sum(value_missing_variance - cast(value_not_begun_error_mn * value_not_begun_error_mn as decimal(38, 6)))
            as double
        )
        + cast(sum(value_not_begun_error_mn) as double) * cast(sum(value_not_begun_error_mn) as double)
            as missing_variance,
        coalesce(cast(sum(value_perhaps_not_begun_mn) as double), 0) as value_perhaps_not_begun,
        max(case when has_too_few_answers then n_cases_answered end) as n_too_few_answers,
        cast(sum(case when chapman_estimate is not null then works_recorded end) as double) as works_recorded,
        cast(sum(chapman_estimate) as double) as works_estimated
    from quarters_of_items
    group by directive, item, district_code, stratum
),

spreads as (
    select
        *,
        value_estimated / nullif(value_estimated + value_missing, 0) as value_coverage,
        case
            when value_missing > 0
                then exp({{ normal_quantile_95() }} * sqrt(ln(1 + missing_variance / (value_missing * value_missing))))
            when value_missing = 0 then 1
        end as value_spread
    from years
),

covered as (
    select
        *,
        value_estimated / nullif(value_estimated + value_missing * value_spread, 0) as coverage_low,
        value_estimated
        / nullif(value_estimated + greatest(value_missing - value_perhaps_not_begun, 0) / value_spread, 0)
            as coverage_high,
        value_estimated / nullif(value_estimated + greatest(value_missing - value_perhaps_not_begun, 0), 0)
            as coverage_if_not_begun
    from spreads
),

-- Strata without an estimate are named apart.
unestimated as (
    select
        covered.directive,
        covered.item,
        string_agg(coalesce(labels.label_en, covered.stratum), '; ' order by covered.stratum) as strata_en,
        string_agg(coalesce(labels.label_vi, covered.stratum), '; ' order by covered.stratum) as strata_vi
    from covered
    left join {{ ref('construction_strata') }} as labels on covered.stratum = labels.stratum
    where
        covered.district_code = 'total'
        and covered.stratum <> 'total'
        and covered.value_recorded > coalesce(covered.value_estimated, 0)
    group by covered.directive, covered.item
),

returned as (
    select
        items.directive,
        items.item,
        count(*) as n_returns,
        count(wrong.return_id) as n_wrong
    from items
    inner join {{ ref('int_survey_works') }} as works
        on
            works.quarter between items.first_quarter and items.last_quarter
            and items.area_code = works.area_code
    left join {{ ref('int_wrong_returns') }} as wrong
        on
            works.quarter = wrong.quarter
            and works.return_id = wrong.return_id
    group by items.directive, items.item
),

judged as (
    select
        covered.*,
        coalesce(quarters.due_on < {{ var('as_of') }}, false) as is_period_due,
        coalesce(silent.n_silent, 0) as n_silent,
        silent.silent_district_en,
        silent.silent_district_vi,
        silent.silent_quarter,
        coalesce(returned.n_returns, 0) as n_returns,
        coalesce(returned.n_wrong, 0) as n_wrong,
        thresholds.minimum_coverage,
        coalesce(covered.response_rate >= thresholds.minimum_response, false)
        and coalesce(silent.n_silent, 0) = 0
        and covered.n_silent_quarters = 0 as is_complete,
        coalesce(returned.n_wrong, 0) <= thresholds.maximum_wrong * coalesce(returned.n_returns, 0) as is_correct,
        1 - coalesce(covered.value_estimated, 0) / nullif(covered.value_recorded, 0) as unestimated_share,
        coalesce(
            1 - coalesce(covered.value_estimated, 0) / nullif(covered.value_recorded, 0)
            <= thresholds.maximum_unestimated,
            false
        ) as is_estimated_enough,
        -- What must be found and recorded for the lower limit to reach the threshold, and how many sites that is.
        thresholds.minimum_coverage * (covered.value_estimated + covered.value_missing * covered.value_spread)
        - covered.value_estimated as value_to_find,
        covered.value_missing / nullif(covered.works_estimated - covered.works_recorded, 0) as value_per_works,
        unestimated.strata_en,
        unestimated.strata_vi
    from covered
    cross join thresholds
    inner join items
        on
            covered.directive = items.directive
            and covered.item = items.item
    left join {{ ref('int_capture_quarters') }} as quarters on items.last_quarter = quarters.quarter
    left join {{ ref('int_item_silent_districts') }} as silent
        on
            covered.directive = silent.directive
            and covered.item = silent.item
    left join returned
        on
            covered.directive = returned.directive
            and covered.item = returned.item
    left join unestimated
        on
            covered.directive = unestimated.directive
            and covered.item = unestimated.item
    where covered.district_code = 'total' and covered.stratum = 'total'
),

decided as (
    select
        directive,
        item,
        case
            when not is_period_due then 'undecided'
            when not is_complete or not is_correct or coalesce(coverage_high < minimum_coverage, false) then 'missed'
            when coverage_low >= minimum_coverage and is_estimated_enough then 'achieved'
            else 'undecided'
        end as status,
        is_period_due,
        is_complete,
        is_correct,
        is_estimated_enough,
        cast(n_too_few_answers as integer) as n_too_few_answers,
        cast(round(coverage_if_not_begun, 4) as decimal(12, 4)) as coverage_if_not_begun,
        cast(round(value_coverage, 4) as decimal(12, 4)) as value_coverage,
        cast(round(coverage_low, 4) as decimal(12, 4)) as value_coverage_low,
        cast(round(coverage_high, 4) as decimal(12, 4)) as value_coverage_high,
        cast(round(least(works_recorded / works_estimated, 1), 4) as decimal(12, 4)) as coverage,
        cast(round(response_rate, 4) as decimal(12, 4)) as unit_response_rate,
        cast(n_units_answered as integer) as n_units_answered,
        cast(n_units_drawn as integer) as n_units_drawn,
        cast(n_silent as integer) as n_silent_districts,
        silent_district_en,
        silent_district_vi,
        silent_quarter,
        cast(n_returns as integer) as n_returns,
        cast(n_wrong as integer) as n_wrong_returns,
        cast(round(unestimated_share, 4) as decimal(12, 4)) as unestimated_share,
        strata_en as unestimated_strata_en,
        strata_vi as unestimated_strata_vi,
        cast(round(greatest(value_to_find, 0), 3) as decimal(20, 3)) as value_to_find_mn,
        cast(ceil(round(greatest(value_to_find, 0) / value_per_works, 6)) as integer) as n_works_to_find
    from judged
),

-- Findings without a district, such as a contractor's, are counted for every area.
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

silent_quarters as (
    select
        directive,
        item,
        string_agg(quarter, ', ' order by quarter) as silent_quarters
    from quarters_of_items
    where district_code = 'total' and stratum = 'total' and coalesce(n_units_answered, 0) = 0
    group by directive, item
),

newest as (
    {{ surveys_released() }}
),

stated as (
    select
        decided.*,
        known.n_permits,
        known.n_matched,
        known.released_on,
        known.is_simulated,
        {{ span_of('known.first_known_quarter', 'known.last_known_quarter') }} as evidence_period,
        coalesce(failed.complete_failed, 0) as complete_failed,
        coalesce(failed.correct_failed, 0) as correct_failed,
        silent_quarters.silent_quarters,
        thresholds.minimum_coverage,
        contracts.n_contracts,
        contracts.contract_turnover_mn,
        weakest.worst_district_en,
        weakest.worst_district_vi,
        weakest.worst_district_coverage,
        weakest.worst_district_capture_rate,
        weakest.worst_district_n_permits,
        weakest.worst_district_n_matched,
        weakest.n_districts,
        weakest.n_districts_unestimated,
        weakest.n_districts_estimated_in_part,
        weakest.worst_stratum_en,
        weakest.worst_stratum_vi,
        weakest.worst_stratum_coverage
    from decided
    inner join known
        on
            decided.directive = known.directive
            and decided.item = known.item
    cross join thresholds
    left join {{ ref('int_item_contracts_without_site') }} as contracts
        on
            decided.directive = contracts.directive
            and decided.item = contracts.item
    left join {{ ref('int_item_least_covered') }} as weakest
        on
            decided.directive = weakest.directive
            and decided.item = weakest.item
    left join failed
        on
            decided.directive = failed.directive
            and decided.item = failed.item
    left join silent_quarters
        on
            decided.directive = silent_quarters.directive
            and decided.item = silent_quarters.item
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case when status = 'undecided' then 'capture_undecided' end,
            case when value_coverage is null then 'capture_value_unknown' else 'capture_value' end,
            case when coverage is not null then 'capture_works' end,
            case when value_coverage is not null and n_too_few_answers is not null then 'capture_too_few_answers' end,
            case when n_permits > 0 then 'capture_permits_found' end,
            case when is_complete then 'capture_complete' else 'capture_not_complete' end,
            case when silent_district_vi is not null then 'capture_silent_district' end,
            case when is_correct then 'capture_correct' else 'capture_not_correct' end,
            'capture_findings',
            'capture_period',
            case when silent_quarters is not null then 'capture_no_returns' end,
            case when not is_period_due then 'capture_period_not_over' end,
            case when unestimated_strata_vi is not null then 'capture_unestimated' end,
            case when n_contracts > 0 then 'capture_contracts' end,
            case
                when status = 'achieved' or value_to_find_mn is null then null
                when value_to_find_mn > 0 and n_works_to_find is not null then 'capture_to_find'
                when value_to_find_mn > 0 then 'capture_value_to_find'
            end,
            case
                when worst_district_coverage is not null then 'capture_least_district'
                when worst_district_capture_rate is not null then 'capture_least_district_found'
            end,
            case when worst_district_capture_rate is not null then 'capture_districts_not_valued' end,
            case when worst_stratum_vi is not null then 'capture_least_stratum' end,
            'capture_thresholds_assumed'
        ) as capture_reason_codes,
        to_json({
            'complete_failed': complete_failed,
            'correct_failed': correct_failed,
            'silent_when': silent_quarters,
            'period_when': evidence_period,
            'value_pct': round(100 * value_coverage, 1),
            'low_pct': round(100 * value_coverage_low, 1),
            'high_pct': round(100 * value_coverage_high, 1),
            'least_pct': round(100 * minimum_coverage, 1),
            'n_cases': n_too_few_answers,
            'if_not_begun_pct': round(100 * coverage_if_not_begun, 1),
            'works_pct': round(100 * coverage, 1),
            'n_permits': n_permits,
            'n_matched': n_matched,
            'n_answered': n_units_answered,
            'n_drawn': n_units_drawn,
            'response_pct': round(100 * unit_response_rate, 1),
            'n_silent': n_silent_districts,
            'silent_district_en': silent_district_en,
            'silent_district_vi': silent_district_vi,
            'silent_district_when': silent_quarter,
            'n_wrong': n_wrong_returns,
            'n_returns': n_returns,
            'unestimated_pct': round(100 * unestimated_share, 1),
            'unestimated_en': unestimated_strata_en,
            'unestimated_vi': unestimated_strata_vi,
            'n_contracts': n_contracts,
            'turnover_bn': round(contract_turnover_mn / 1000, 1),
            'n_works': n_works_to_find,
            'value_bn': round(value_to_find_mn / 1000, 1),
            'least_district_en': worst_district_en,
            'least_district_vi': worst_district_vi,
            'district_pct': round(100 * coalesce(worst_district_coverage, worst_district_capture_rate), 1),
            'n_district_listed': worst_district_n_permits,
            'n_district_found': worst_district_n_matched,
            'n_districts': n_districts,
            'n_not_valued': n_districts_unestimated,
            'n_valued_in_part': n_districts_estimated_in_part,
            'least_stratum_en': worst_stratum_en,
            'least_stratum_vi': worst_stratum_vi,
            'stratum_pct': round(100 * worst_stratum_coverage, 1)
        }) as capture_reason_values
    from stated
)

select
    stated.directive,
    stated.item,
    'computed_from_lists' as evidence_basis,
    stated.evidence_period,
    stated.is_period_due as covers_target_period,
    stated.status,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    cast(round(100 * cast(stated.value_coverage as double), 4) as decimal(12, 4)) as actual,
    message_en(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_en,
    message_vi(stated.capture_reason_codes, stated.capture_reason_values) as capture_reason_vi,
    stated.is_period_due,
    stated.is_complete,
    stated.is_correct,
    stated.is_estimated_enough,
    stated.value_coverage,
    stated.value_coverage_low,
    stated.value_coverage_high,
    stated.coverage,
    stated.unit_response_rate,
    stated.n_silent_districts,
    stated.n_returns,
    stated.n_wrong_returns,
    stated.unestimated_share,
    stated.unestimated_strata_en,
    stated.unestimated_strata_vi,
    stated.value_to_find_mn,
    stated.n_works_to_find,
    stated.worst_district_en,
    stated.worst_district_vi,
    stated.worst_district_coverage,
    stated.worst_district_capture_rate,
    stated.worst_stratum_en,
    stated.worst_stratum_vi,
    stated.worst_stratum_coverage,
    stated.released_on,
    newest.publisher,
    newest.delivery_id,
    stated.is_simulated
from with_messages as stated
left join newest on stated.released_on = newest.released_on
where stated.released_on is not null

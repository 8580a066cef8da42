-- Each district, quarter and stratum with its counts, and totals as sums: over the strata of a district, over the
-- districts of a stratum, over all; with their estimates, and in words how these are made or why there are none.
with domains as (
    select
        domains.*,
        max(case when domains.has_answers then 1 else 0 end) over (
            partition by domains.quarter, domains.district_code
        ) as answers_of_district,
        domain_groups.group_id,
        domain_groups.group_kind
    from {{ ref('int_capture_domains') }} as domains
    left join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            domains.quarter = domain_groups.quarter
            and domains.district_code = domain_groups.district_code
            and domains.stratum = domain_groups.stratum
),

levels as (
    select 'domain' as row_kind
    union all
    select 'district' as row_kind
    union all
    select 'stratum' as row_kind
    union all
    select 'area' as row_kind
),

sums as (
    select
        domains.area_code,
        domains.quarter,
        case when levels.row_kind in ('domain', 'district') then domains.district_code else 'total' end
            as district_code,
        case when levels.row_kind in ('domain', 'stratum') then domains.stratum else 'total' end as stratum,
        levels.row_kind,
        case when min(domains.selection) = max(domains.selection) then max(domains.selection) end as selection,
        sum(domains.n_permits) as n_permits,
        sum(domains.n_appraisals) as n_appraisals,
        -- Nothing was returned: of the district, or by any of the units that were asked.
        max(case when domains.has_answers or domains.n_matched > 0 then 1 else 0 end) = 0
        and (
            max(domains.answers_of_district) = 0
            or (sum(domains.n_units_drawn) > 0 and sum(domains.n_units_answered) = 0)
        ) as is_silent,
        sum(domains.n_survey) as n_survey,
        sum(domains.n_matched) as n_matched,
        sum(domains.n_non_response) as n_non_response,
        sum(domains.n_not_sampled) as n_not_sampled,
        sum(domains.n_not_reported) as n_not_reported,
        sum(domains.n_not_begun) as n_not_begun,
        sum(domains.n_answered) as n_answered,
        sum(domains.n_links_across) as n_links_across,
        sum(domains.n_omitted) as n_omitted,
        sum(domains.n_contracts_omitted) as n_contracts_omitted,
        sum(domains.n_time_imputed) as n_time_imputed,
        sum(case when domains.selection = 'take_all' then domains.n_permits else 0 end) as n_permits_take_all,
        sum(case when domains.selection = 'take_all' then domains.n_matched end) as n_matched_take_all,
        sum(domains.n_units_drawn) as n_units_drawn,
        sum(domains.n_units_answered) as n_units_answered,
        sum(domains.n_items) as n_items,
        sum(domains.n_items_answered) as n_items_answered,
        sum(domains.n_returns_set_aside) as n_returns_set_aside,
        sum(domains.value_recorded_mn) as value_recorded_mn,
        sum(domains.value_set_aside_mn) as value_set_aside_mn,
        sum(domains.value_set_aside_imputed_mn) as value_set_aside_imputed_mn,
        sum(domains.value_left_out_mn) as value_left_out_mn,
        sum(domains.value_non_response_mn) as value_non_response_mn,
        sum(domains.value_imputed_mn) as value_imputed_mn,
        max(domains.released_on) as released_on,
        {{ any_simulated('domains.is_simulated') }} as is_simulated
    from domains
    cross join levels
    group by
        domains.area_code,
        domains.quarter,
        case when levels.row_kind in ('domain', 'district') then domains.district_code else 'total' end,
        case when levels.row_kind in ('domain', 'stratum') then domains.stratum else 'total' end,
        levels.row_kind
),

-- A domain that is estimated together with others says what all of them together are estimated at.
pools as (
    select
        domains.quarter,
        domains.district_code,
        domains.stratum,
        domains.is_permit_liable,
        domains.group_kind,
        coalesce(estimates.is_estimated, false) as is_pool_estimated,
        estimates.coverage as pooled_coverage,
        groups.n_domains as pooled_domains
    from domains
    left join {{ ref('int_capture_groups') }} as groups on domains.group_id = groups.group_id
    left join {{ ref('int_capture_estimates') }} as estimates on domains.group_id = estimates.group_id
),

estimated as (
    select
        sums.*,
        totals.missing_parts_en,
        totals.missing_parts_vi,
        totals.parts_without_limits_en,
        totals.parts_without_limits_vi,
        totals.is_corrected,
        totals.is_uncorrected,
        totals.is_declaration_corrected,
        totals.is_declaration_uncorrected,
        totals.is_unanswered,
        totals.has_too_few_answers,
        totals.is_not_begun_taken_out,
        totals.n_cases_answered,
        totals.not_begun_share,
        totals.part_method,
        totals.n_parts,
        totals.works_estimated,
        totals.works_variance,
        totals.works_low,
        totals.works_high,
        totals.works_recorded,
        totals.works_if_odds_ratio_2,
        totals.works_if_odds_ratio_5,
        totals.two_list_estimate,
        totals.two_list_coverage,
        totals.coverage,
        totals.coverage_low,
        totals.coverage_high,
        totals.value_estimated_mn,
        totals.value_not_found_mn,
        totals.value_unseen_mn,
        totals.value_missing_variance,
        totals.is_valued,
        totals.value_coverage,
        totals.value_coverage_low,
        totals.value_coverage_high,
        pools.is_permit_liable,
        pools.group_kind,
        pools.is_pool_estimated,
        pools.pooled_coverage,
        pools.pooled_domains
    from sums
    left join {{ ref('int_capture_totals') }} as totals
        on
            sums.row_kind = totals.row_kind
            and sums.quarter = totals.quarter
            and coalesce(sums.area_code, '') = coalesce(totals.area_code, '')
            and sums.district_code = totals.district_code
            and sums.stratum = totals.stratum
    left join pools
        on
            sums.row_kind = 'domain'
            and sums.quarter = pools.quarter
            and sums.district_code = pools.district_code
            and sums.stratum = pools.stratum
),

reasoned as (
    select
        *,
        case
            when row_kind = 'domain' and not is_permit_liable then 'estimate_not_permit_liable'
            when n_matched is null then 'estimate_no_returns'
            when row_kind = 'domain' and group_kind = 'district' and is_pool_estimated then 'estimate_with_unlisted'
            when n_permits = 0 then 'estimate_no_permits'
            when row_kind = 'domain' and group_kind <> 'domain' and is_pool_estimated then 'estimate_pooled'
            when row_kind = 'domain' and works_estimated is null then 'estimate_too_few_links'
            when works_estimated is null and missing_parts_vi is null then 'estimate_no_sum_at_all'
            when works_estimated is null then 'estimate_no_sum_for_parts'
        end as missing_code
    from estimated
),

with_messages as (
    select
        *,
        coalesce(
            missing_code,
            concat_ws(
                ' ',
                case
                    when n_parts > 1 then 'estimate_of_parts'
                    when part_method = 'three_lists' then 'estimate_of_three_lists'
                    when part_method = 'weighted' then 'estimate_of_sample'
                    else 'estimate_of_two_lists'
                end,
                'estimate_if_dependent',
                case when is_corrected then 'estimate_links_corrected' end,
                case when is_uncorrected then 'estimate_links_uncorrected' end,
                case when is_declaration_corrected then 'estimate_declarations_corrected' end,
                case when is_declaration_uncorrected then 'estimate_declarations_uncorrected' end,
                case when is_unanswered then 'estimate_no_answers' end,
                case when has_too_few_answers then 'estimate_too_few_answers' end,
                case when is_not_begun_taken_out then 'estimate_never_begun' end,
                case when parts_without_limits_vi is not null then 'estimate_without_limits' end,
                case when not is_valued then 'estimate_not_valued' end
            )
        ) as estimate_reason_codes,
        to_json({
            'n_matched': n_matched,
            'n_others': pooled_domains - 1,
            'coverage_pct': round(100 * pooled_coverage, 1),
            'missing_parts_en': missing_parts_en,
            'missing_parts_vi': missing_parts_vi,
            'n_parts': n_parts,
            'odds_2_pct': round(
                100 * least(cast(works_recorded as double) / nullif(cast(works_if_odds_ratio_2 as double), 0), 1), 1
            ),
            'parts_en': parts_without_limits_en,
            'parts_vi': parts_without_limits_vi,
            'n_cases': n_cases_answered,
            'not_begun_pct': round(100 * not_begun_share, 1)
        }) as estimate_reason_values
    from reasoned
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    selection,
    row_kind <> 'domain' as is_total,
    cast(n_permits as integer) as n_permits,
    cast(n_appraisals as integer) as n_appraisals,
    cast(n_survey as integer) as n_survey,
    cast(n_matched as integer) as n_matched,
    cast(n_non_response as integer) as n_non_response,
    cast(n_not_sampled as integer) as n_not_sampled,
    cast(n_not_reported as integer) as n_not_reported,
    cast(n_not_begun as integer) as n_not_begun,
    cast(n_answered as integer) as n_answered,
    cast(n_links_across as integer) as n_links_across,
    cast(n_omitted as integer) as n_omitted,
    cast(n_contracts_omitted as integer) as n_contracts_omitted,
    cast(n_time_imputed as integer) as n_time_imputed,
    is_silent,
    case
        when not is_silent
            then
                cast(
                    round(cast(n_matched_take_all as double) / nullif(n_permits_take_all, 0), 4) as decimal(12, 4)
                )
    end as capture_rate,
    cast(round(works_estimated, 4) as decimal(18, 4)) as chapman_estimate,
    cast(round(works_variance, 4) as decimal(24, 4)) as chapman_variance,
    cast(round(works_low, 4) as decimal(18, 4)) as chapman_low,
    cast(round(works_high, 4) as decimal(18, 4)) as chapman_high,
    cast(works_recorded as decimal(18, 4)) as works_recorded,
    cast(round(works_if_odds_ratio_2, 4) as decimal(18, 4)) as chapman_odds_2,
    cast(round(works_if_odds_ratio_5, 4) as decimal(18, 4)) as chapman_odds_5,
    two_list_estimate,
    two_list_coverage,
    cast(round(coverage, 4) as decimal(12, 4)) as coverage,
    cast(round(coverage_low, 4) as decimal(12, 4)) as coverage_low,
    cast(round(coverage_high, 4) as decimal(12, 4)) as coverage_high,
    cast(round(least(cast(works_recorded as double) / cast(works_if_odds_ratio_2 as double), 1), 4) as decimal(12, 4))
        as coverage_odds_2,
    cast(round(least(cast(works_recorded as double) / cast(works_if_odds_ratio_5 as double), 1), 4) as decimal(12, 4))
        as coverage_odds_5,
    case
        when works_estimated is null then 'none'
        when row_kind = 'domain' then part_method
        else 'sum_of_strata'
    end as estimate_method,
    message_en(estimate_reason_codes, estimate_reason_values) as estimate_reason_en,
    message_vi(estimate_reason_codes, estimate_reason_values) as estimate_reason_vi,
    cast(n_units_drawn as integer) as n_units_drawn,
    cast(n_units_answered as integer) as n_units_answered,
    cast(round(cast(n_units_answered as double) / nullif(n_units_drawn, 0), 4) as decimal(12, 4))
        as unit_response_rate,
    cast(round(cast(n_items_answered as double) / nullif(n_items, 0), 4) as decimal(12, 4)) as item_response_rate,
    cast(n_returns_set_aside as integer) as n_returns_set_aside,
    cast(value_recorded_mn as decimal(20, 3)) as value_recorded_mn,
    cast(value_set_aside_mn as decimal(20, 3)) as value_set_aside_mn,
    cast(value_set_aside_imputed_mn as decimal(20, 3)) as value_set_aside_imputed_mn,
    cast(value_left_out_mn as decimal(20, 3)) as value_left_out_mn,
    cast(value_non_response_mn as decimal(20, 3)) as value_non_response_mn,
    cast(value_imputed_mn as decimal(20, 3)) as value_imputed_mn,
    cast(value_estimated_mn as decimal(20, 3)) as value_estimated_mn,
    cast(value_not_found_mn as decimal(20, 3)) as value_not_found_mn,
    cast(value_unseen_mn as decimal(20, 3)) as value_unseen_mn,
    cast(value_missing_variance as decimal(38, 6)) as value_missing_variance,
    coalesce(is_valued, false) as is_valued,
    cast(round(value_coverage, 4) as decimal(12, 4)) as value_coverage,
    cast(round(value_coverage_low, 4) as decimal(12, 4)) as value_coverage_low,
    cast(round(value_coverage_high, 4) as decimal(12, 4)) as value_coverage_high,
    released_on,
    is_simulated
from with_messages

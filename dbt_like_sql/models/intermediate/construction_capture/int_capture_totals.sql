-- The estimate of each domain and of each total: over the strata of a district, over the districts of a stratum, over
-- all. A total is never estimated from pooled counts; where a part has no estimate the total has none and names that
-- part. Variances of parts add up, but not the errors of the share never begun, which is one share for all parts of a
-- quarter. Where less than one unseen site is estimated for a part its variance says too little, and its own limits
-- widen those of the total by squares (Zou and Donner 2008).
with domains as (
    select
        domains.*,
        domain_groups.group_id,
        domain_groups.group_kind
    from {{ ref('int_capture_domains') }} as domains
    left join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            domains.quarter = domain_groups.quarter
            and domains.district_code = domain_groups.district_code
            and domains.stratum = domain_groups.stratum
),

-- Recorded value counts with the estimates that replace values which were set aside.
recorded as (
    select
        group_id,
        sum(value_recorded_mn + value_set_aside_imputed_mn) as value_recorded_mn
    from domains
    where group_id is not null
    group by group_id
),

-- Which groups a row is made of. A domain that is estimated with others has no estimate of its own, and its district's
-- total has none either; over all districts of a stratum, or over all strata, such domains are whole again.
parts as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        'domain' as row_kind,
        group_id,
        stratum as part_name,
        group_kind = 'domain' as is_whole
    from domains
    where group_id is not null
    union all
    select
        area_code,
        quarter,
        district_code,
        'total' as stratum,
        'district' as row_kind,
        group_id,
        case when group_kind = 'district' then selection else stratum end as part_name,
        group_kind in ('domain', 'district') as is_whole
    from domains
    where group_id is not null
    group by
        area_code,
        quarter,
        district_code,
        group_id,
        group_kind,
        case when group_kind = 'district' then selection else stratum end
    union all
    select
        area_code,
        quarter,
        'total' as district_code,
        stratum,
        'stratum' as row_kind,
        group_id,
        stratum as part_name,
        group_kind not in ('district', 'strata') as is_whole
    from domains
    where group_id is not null
    group by area_code, quarter, stratum, group_id, group_kind
    union all
    select
        area_code,
        quarter,
        'total' as district_code,
        'total' as stratum,
        'area' as row_kind,
        group_id,
        case when group_kind in ('district', 'strata') then selection else stratum end as part_name,
        true as is_whole
    from {{ ref('int_capture_groups') }}
),

-- A part is said by the words of its stratum, or as strata of its kind that are estimated together.
named as (
    select
        parts.*,
        coalesce(labels.label_en, message_en('parts_of_selection', to_json({ 'selection': parts.part_name })))
            as part_en,
        coalesce(labels.label_vi, message_vi('parts_of_selection', to_json({ 'selection': parts.part_name })))
            as part_vi
    from parts
    left join {{ ref('construction_strata') }} as labels on parts.part_name = labels.stratum
),

-- What lacks an estimate or limits is named once, however many parts of a name lack it.
named_once as (
    select
        parts.area_code,
        parts.quarter,
        parts.district_code,
        parts.stratum,
        parts.row_kind,
        parts.part_en,
        parts.part_vi,
        max(case when not parts.is_whole or estimates.works_estimated is null then 1 else 0 end) as is_missing,
        max(
            case when estimates.works_estimated is not null and estimates.works_variance is null then 1 else 0 end
        ) as lacks_limits
    from named as parts
    inner join {{ ref('int_capture_estimates') }} as estimates on parts.group_id = estimates.group_id
    group by
        parts.area_code,
        parts.quarter,
        parts.district_code,
        parts.stratum,
        parts.row_kind,
        parts.part_en,
        parts.part_vi
),

lacks as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        row_kind,
        string_agg(case when is_missing = 1 then part_en end, '; ' order by part_en) as missing_parts_en,
        string_agg(case when is_missing = 1 then part_vi end, '; ' order by part_vi) as missing_parts_vi,
        string_agg(case when lacks_limits = 1 then part_en end, '; ' order by part_en) as parts_without_limits_en,
        string_agg(case when lacks_limits = 1 then part_vi end, '; ' order by part_vi) as parts_without_limits_vi
    from named_once
    group by area_code, quarter, district_code, stratum, row_kind
),

-- Estimates and variances of the parts add up.
added as (
    select
        parts.area_code,
        parts.quarter,
        parts.district_code,
        parts.stratum,
        parts.row_kind,
        count(*) as n_parts,
        count(case when parts.is_whole then estimates.works_estimated end) as n_estimated,
        count(case when parts.is_whole then estimates.works_variance end) as n_with_limits,
        count(case when parts.is_whole then works_values.value_missing_variance end) as n_valued,
        max(estimates.estimate_method) as part_method,
        max(case when estimates.is_corrected then 1 else 0 end) as corrected,
        max(case when estimates.is_uncorrected then 1 else 0 end) as uncorrected,
        max(case when estimates.is_declaration_corrected then 1 else 0 end) as declaration_corrected,
        max(case when estimates.is_declaration_uncorrected then 1 else 0 end) as declaration_uncorrected,
        max(case when estimates.never_begun_state = 'unanswered' then 1 else 0 end) as unanswered,
        max(case when estimates.never_begun_state = 'too_few' then 1 else 0 end) as too_few,
        max(case when estimates.never_begun_state = 'taken_out' then 1 else 0 end) as taken_out,
        max(estimates.n_cases_answered) as n_cases_answered,
        max(estimates.not_begun_share) as not_begun_share,
        max(cast(estimates.not_begun_share_perhaps as double)) as perhaps,
        cast(sum(estimates.works_open) as double) as works_open,
        cast(sum(estimates.works_open_unseen) as double) as works_open_unseen,
        cast(sum(estimates.works_not_begun_error) as double) as works_error,
        cast(sum(cast(
            cast(estimates.works_not_begun_error as double) * estimates.works_not_begun_error as decimal(30, 8)
        )) as double) as works_error_squares,
        sum(cast(
            case
                when estimates.works_estimated - estimates.works_seen < 1
                    then
                        (cast(estimates.works_high as double) - estimates.works_estimated)
                        * (cast(estimates.works_high as double) - estimates.works_estimated)
                else 0
            end as decimal(38, 8)
        )) as high_reach_squares,
        sum(estimates.works_estimated) as works_estimated,
        sum(estimates.works_variance) as works_variance,
        sum(estimates.works_seen) as works_seen,
        sum(estimates.works_recorded) as works_recorded,
        sum(estimates.works_if_odds_ratio_2) as works_if_odds_ratio_2,
        sum(estimates.works_if_odds_ratio_5) as works_if_odds_ratio_5,
        max(estimates.works_low) as part_low,
        max(estimates.works_high) as part_high,
        max(estimates.coverage_low) as part_coverage_low,
        max(estimates.coverage_high) as part_coverage_high,
        max(estimates.two_list_estimate) as two_list_estimate,
        max(estimates.two_list_coverage) as two_list_coverage,
        sum(
            case when parts.is_whole and works_values.group_id is not null then recorded.value_recorded_mn end
        ) as value_estimated_mn,
        sum(case when parts.is_whole then works_values.value_not_found_mn end) as value_not_found_mn,
        sum(case when parts.is_whole then works_values.value_unseen_mn end) as value_unseen_mn,
        cast(sum(case when parts.is_whole then works_values.value_open_mn end) as double) as value_open,
        cast(sum(case when parts.is_whole then works_values.value_open_unseen_mn end) as double) as value_open_unseen,
        sum(case when parts.is_whole then works_values.value_not_begun_error_mn end) as value_not_begun_error_mn,
        cast(
            sum(
                case
                    when parts.is_whole
                        then
                            works_values.value_missing_variance
                            - cast(
                                works_values.value_not_begun_error_mn * works_values.value_not_begun_error_mn
                                as decimal(38, 6)
                            )
                end
            ) as double
        ) as value_variance_of_counts
    from parts
    inner join {{ ref('int_capture_estimates') }} as estimates on parts.group_id = estimates.group_id
    left join recorded on parts.group_id = recorded.group_id
    left join {{ ref('int_capture_missing_value') }} as works_values
        on
            parts.group_id = works_values.group_id
            and works_values.value_missing_variance is not null
    group by parts.area_code, parts.quarter, parts.district_code, parts.stratum, parts.row_kind
),

-- Limits on the logarithm of the unseen count never fall below what has been seen.
spreads as (
    select
        added.*,
        lacks.missing_parts_en,
        lacks.missing_parts_vi,
        lacks.parts_without_limits_en,
        lacks.parts_without_limits_vi,
        added.n_estimated = added.n_parts as is_complete,
        added.n_with_limits = added.n_parts as has_limits,
        cast(added.works_estimated - added.works_seen as double) as unseen,
        cast(added.works_variance as double) - added.works_error_squares as variance_of_counts,
        case
            when added.works_estimated > added.works_seen
                then
                    exp(
                        least(
                            {{ normal_quantile_95() }} * sqrt(
                                ln(
                                    1
                                    + greatest(cast(added.works_variance as double) - added.works_error_squares, 0)
                                    / (
                                        cast(added.works_estimated - added.works_seen as double)
                                        * cast(added.works_estimated - added.works_seen as double)
                                    )
                                )
                            ),
                            40
                        )
                    )
            else 1
        end as spread,
        cast(added.value_not_found_mn + added.value_unseen_mn as double) as value_missing,
        added.value_variance_of_counts
        + cast(added.value_not_begun_error_mn as double) * cast(added.value_not_begun_error_mn as double)
            as value_variance,
        added.perhaps * (added.value_open + added.value_open_unseen) as value_perhaps_not_begun
    from added
    inner join lacks
        on
            added.area_code = lacks.area_code
            and added.quarter = lacks.quarter
            and added.district_code = lacks.district_code
            and added.stratum = lacks.stratum
            and added.row_kind = lacks.row_kind
),

limits as (
    select
        *,
        variance_of_counts + works_error * works_error as variance,
        case
            when n_parts = 1 then cast(part_low as double)
            else
                greatest(
                    least(
                        cast(works_estimated as double)
                        - sqrt(
                            (unseen - unseen / spread) * (unseen - unseen / spread)
                            + {{ normal_quantile_95() }} * works_error * {{ normal_quantile_95() }} * works_error
                        ),
                        cast(works_seen as double) - perhaps * works_open
                        + greatest(unseen - perhaps * works_open_unseen, 0) / spread,
                        cast(works_estimated as double)
                        - {{ normal_quantile_95() }}
                        * sqrt(case when declaration_corrected = 1 then works_variance else 0 end)
                    ),
                    cast(works_recorded as double)
                )
        end as works_low,
        case
            when n_parts = 1 then cast(part_high as double)
            else
                least(
                    greatest(
                        cast(works_estimated as double)
                        + sqrt(
                            (unseen * spread - unseen) * (unseen * spread - unseen)
                            + {{ normal_quantile_95() }} * works_error * {{ normal_quantile_95() }} * works_error
                            + cast(high_reach_squares as double)
                        ),
                        cast(works_estimated as double)
                        + {{ normal_quantile_95() }}
                        * sqrt(case when declaration_corrected = 1 then works_variance else 0 end)
                    ),
                    99999999
                )
        end as works_high,
        case
            when value_missing > 0
                then exp({{ normal_quantile_95() }} * sqrt(ln(1 + value_variance / (value_missing * value_missing))))
            else 1
        end as value_spread
    from spreads
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    row_kind,
    n_parts,
    case when is_complete then null else missing_parts_en end as missing_parts_en,
    case when is_complete then null else missing_parts_vi end as missing_parts_vi,
    case when is_complete then parts_without_limits_en end as parts_without_limits_en,
    case when is_complete then parts_without_limits_vi end as parts_without_limits_vi,
    is_complete and corrected = 1 as is_corrected,
    is_complete and uncorrected = 1 as is_uncorrected,
    is_complete and declaration_corrected = 1 as is_declaration_corrected,
    is_complete and declaration_uncorrected = 1 as is_declaration_uncorrected,
    is_complete and unanswered = 1 as is_unanswered,
    is_complete and too_few = 1 as has_too_few_answers,
    is_complete and taken_out = 1 as is_not_begun_taken_out,
    case when is_complete then n_cases_answered end as n_cases_answered,
    case when is_complete then not_begun_share end as not_begun_share,
    case when is_complete then part_method end as part_method,
    case when is_complete then works_estimated end as works_estimated,
    case when is_complete and has_limits then variance end as works_variance,
    case when is_complete and has_limits then works_low end as works_low,
    case when is_complete and has_limits then works_high end as works_high,
    case when is_complete then works_recorded end as works_recorded,
    case when is_complete then works_if_odds_ratio_2 end as works_if_odds_ratio_2,
    case when is_complete then works_if_odds_ratio_5 end as works_if_odds_ratio_5,
    case when is_complete and n_parts = 1 then two_list_estimate end as two_list_estimate,
    case when is_complete and n_parts = 1 then two_list_coverage end as two_list_coverage,
    case when is_complete then least(cast(works_recorded as double) / cast(works_estimated as double), 1) end
        as coverage,
    case
        when is_complete and has_limits and n_parts = 1 then cast(part_coverage_low as double)
        when is_complete and has_limits then least(cast(works_recorded as double) / works_high, 1)
    end as coverage_low,
    case
        when is_complete and has_limits and n_parts = 1 then cast(part_coverage_high as double)
        when is_complete and has_limits then least(cast(works_recorded as double) / works_low, 1)
    end as coverage_high,
    value_estimated_mn,
    value_not_found_mn,
    value_unseen_mn,
    cast(round(value_variance, 6) as decimal(38, 6)) as value_missing_variance,
    value_not_begun_error_mn,
    cast(round(value_perhaps_not_begun, 3) as decimal(20, 3)) as value_perhaps_not_begun_mn,
    n_valued = n_parts as is_valued,
    cast(value_estimated_mn as double)
    / nullif(cast(value_estimated_mn as double) + value_missing, 0) as value_coverage,
    cast(value_estimated_mn as double)
    / nullif(cast(value_estimated_mn as double) + value_missing * value_spread, 0) as value_coverage_low,
    cast(value_estimated_mn as double)
    / nullif(
        cast(value_estimated_mn as double) + greatest(value_missing - value_perhaps_not_begun, 0) / value_spread, 0
    ) as value_coverage_high
from limits

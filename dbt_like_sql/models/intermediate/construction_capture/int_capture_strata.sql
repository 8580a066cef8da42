-- Each district, quarter and stratum with its estimate, and totals as sums: over the strata of a district, over the
-- districts of a stratum, over all. A total is never estimated on pooled counts; where a part has no estimate the
-- total has none and says which part.
with cells as (
    select
        cells.*,
        cell_groups.group_id,
        cell_groups.group_kind
    from {{ ref('int_capture_cells') }} as cells
    left join {{ ref('int_capture_cell_groups') }} as cell_groups
        on
            cells.quarter = cell_groups.quarter
            and cells.district_code = cell_groups.district_code
            and cells.stratum = cell_groups.stratum
),

-- Works that neither the lists nor the survey know, at the mean value of those that the survey tells of, without the
-- returns whose value is set aside.
groups as (
    select
        counts.group_id,
        counts.group_kind,
        counts.area_code,
        counts.quarter,
        counts.selection,
        counts.n_cells,
        counts.n_matched,
        counts.n_permits,
        estimates.is_estimated,
        estimates.chapman_estimate,
        estimates.chapman_variance,
        estimates.chapman_low,
        estimates.chapman_high,
        estimates.works_recorded,
        estimates.coverage,
        estimates.coverage_low,
        estimates.coverage_high,
        greatest(
            case counts.selection
                when 'take_all'
                    then estimates.chapman_estimate - (counts.n_permits + counts.n_survey - counts.n_matched)
                else (estimates.chapman_estimate - counts.n_permits) * (1 - estimates.coverage)
            end,
            0
        )
        * cast(counts.value_recorded_mn as double)
        / nullif(cast(estimates.works_recorded as double) - cast(counts.weighted_set_aside as double), 0)
            as value_unseen
    from {{ ref('int_capture_groups') }} as counts
    inner join {{ ref('int_capture_estimates') }} as estimates on counts.group_id = estimates.group_id
),

single as (
    select
        cells.area_code,
        cells.quarter,
        cells.district_code,
        cells.stratum,
        cells.selection,
        cells.is_permit_liable,
        groups.chapman_estimate,
        groups.chapman_variance,
        groups.chapman_low,
        groups.chapman_high,
        groups.works_recorded,
        groups.coverage,
        groups.coverage_low,
        groups.coverage_high,
        groups.value_unseen,
        case
            when groups.chapman_estimate is not null and cells.selection = 'take_all' then 'chapman'
            when groups.chapman_estimate is not null then 'weighted'
            else 'none'
        end as estimate_method,
        case
            when not cells.is_permit_liable then 'estimate_not_permit_liable'
            when cells.n_matched is null then 'estimate_no_returns'
            when cells.n_permits = 0 then 'estimate_no_permits'
            when cells.group_kind = 'cell' then null
            when pools.is_estimated then 'estimate_pooled'
            else 'estimate_too_few_links'
        end as estimate_codes,
        pools.coverage as pooled_coverage,
        pools.n_cells as pooled_cells
    from cells
    left join groups
        on
            cells.group_id = groups.group_id
            and groups.group_kind = 'cell'
    left join groups as pools on cells.group_id = pools.group_id
),

-- Which groups a total is made of, and which of its cells stop it.
parts_of_districts as (
    select
        single.area_code,
        single.quarter,
        single.district_code,
        'total' as stratum,
        sum(single.chapman_estimate) as chapman_estimate,
        sum(single.chapman_variance) as chapman_variance,
        sum(single.works_recorded) as works_recorded,
        sum(cells.n_permits) as works_listed,
        sum(single.value_unseen) as value_unseen,
        string_agg(
            case when cells.group_id is not null and single.chapman_estimate is null then single.stratum end,
            ', ' order by single.stratum
        ) as missing_parts
    from single
    inner join cells
        on
            single.quarter = cells.quarter
            and single.district_code = cells.district_code
            and single.stratum = cells.stratum
    group by single.area_code, single.quarter, single.district_code
),

strata_of_groups as (
    select
        cells.area_code,
        cells.quarter,
        cells.stratum,
        cells.group_id,
        cells.group_kind
    from cells
    where cells.group_id is not null
    group by cells.area_code, cells.quarter, cells.stratum, cells.group_id, cells.group_kind
),

parts_of_strata as (
    select
        strata_of_groups.area_code,
        strata_of_groups.quarter,
        'total' as district_code,
        strata_of_groups.stratum,
        sum(groups.chapman_estimate) as chapman_estimate,
        sum(groups.chapman_variance) as chapman_variance,
        sum(groups.works_recorded) as works_recorded,
        sum(groups.n_permits) as works_listed,
        sum(groups.value_unseen) as value_unseen,
        max(
            case
                when groups.chapman_estimate is null or groups.group_kind = 'strata' then strata_of_groups.stratum
            end
        ) as missing_parts
    from strata_of_groups
    inner join groups on strata_of_groups.group_id = groups.group_id
    group by strata_of_groups.area_code, strata_of_groups.quarter, strata_of_groups.stratum
),

parts_of_areas as (
    select
        area_code,
        quarter,
        'total' as district_code,
        'total' as stratum,
        sum(chapman_estimate) as chapman_estimate,
        sum(chapman_variance) as chapman_variance,
        sum(works_recorded) as works_recorded,
        sum(n_permits) as works_listed,
        sum(value_unseen) as value_unseen,
        string_agg(case when chapman_estimate is null then selection end, ', ' order by selection) as missing_parts
    from groups
    group by area_code, quarter
),

summed_parts as (
    select * from parts_of_districts
    union all
    select * from parts_of_strata
    union all
    select * from parts_of_areas
),

total_spreads as (
    select
        *,
        missing_parts is null and chapman_estimate is not null as is_complete,
        exp(
            1.96 * sqrt(
                ln(
                    1
                    + cast(chapman_variance as double)
                    / nullif(cast(chapman_estimate as double) * cast(chapman_estimate as double), 0)
                )
            )
        ) as spread
    from summed_parts
),

-- The logarithm keeps the limits above nothing; there are never fewer works than the lists hold.
total_limits as (
    select
        *,
        least(
            greatest(cast(chapman_estimate as double) / spread, cast(works_listed as double)),
            cast(chapman_estimate as double)
        ) as works_low,
        least(cast(chapman_estimate as double) * spread, 99999999) as works_high
    from total_spreads
),

totals as (
    select
        area_code,
        quarter,
        district_code,
        stratum,
        missing_parts,
        cast(null as decimal(18, 4)) as chapman_estimate,
        cast(null as decimal(24, 4)) as chapman_variance,
        cast(null as double) as chapman_low,
        cast(null as double) as chapman_high,
        cast(null as decimal(18, 4)) as works_recorded,
        cast(null as double) as value_unseen,
        cast(null as decimal(12, 4)) as coverage,
        cast(null as decimal(12, 4)) as coverage_low,
        cast(null as decimal(12, 4)) as coverage_high
    from total_limits
    where not is_complete
    union all
    select
        area_code,
        quarter,
        district_code,
        stratum,
        missing_parts,
        chapman_estimate,
        chapman_variance,
        works_low as chapman_low,
        works_high as chapman_high,
        works_recorded,
        value_unseen,
        cast(round(least(cast(works_recorded as double) / chapman_estimate, 1), 4) as decimal(12, 4)) as coverage,
        cast(round(least(cast(works_recorded as double) / works_high, 1), 4) as decimal(12, 4)) as coverage_low,
        cast(round(least(cast(works_recorded as double) / works_low, 1), 4) as decimal(12, 4)) as coverage_high
    from total_limits
    where is_complete
),

levels as (
    select 'cell' as row_kind
    union all
    select 'district' as row_kind
    union all
    select 'stratum' as row_kind
    union all
    select 'area' as row_kind
),

sums as (
    select
        cells.area_code,
        cells.quarter,
        case when levels.row_kind in ('cell', 'district') then cells.district_code else 'total' end as district_code,
        case when levels.row_kind in ('cell', 'stratum') then cells.stratum else 'total' end as stratum,
        levels.row_kind,
        case when min(cells.selection) = max(cells.selection) then max(cells.selection) end as selection,
        sum(cells.n_permits) as n_permits,
        sum(cells.n_appraisals) as n_appraisals,
        sum(cells.n_survey) as n_survey,
        sum(cells.n_matched) as n_matched,
        sum(cells.n_non_response) as n_non_response,
        sum(cells.n_not_sampled) as n_not_sampled,
        sum(cells.n_not_reported) as n_not_reported,
        sum(cells.n_not_begun) as n_not_begun,
        sum(cells.n_answered) as n_answered,
        sum(cells.n_links_across) as n_links_across,
        sum(cells.n_omitted) as n_omitted,
        sum(cells.n_contracts_omitted) as n_contracts_omitted,
        sum(cells.n_time_imputed) as n_time_imputed,
        sum(case when cells.selection = 'take_all' then cells.n_permits else 0 end) as n_permits_take_all,
        sum(case when cells.selection = 'take_all' then cells.n_matched end) as n_matched_take_all,
        sum(cells.n_units_drawn) as n_units_drawn,
        sum(cells.n_units_answered) as n_units_answered,
        sum(cells.n_items) as n_items,
        sum(cells.n_items_answered) as n_items_answered,
        sum(cells.n_returns_set_aside) as n_returns_set_aside,
        sum(cells.value_recorded_mn) as value_recorded_mn,
        sum(cells.value_set_aside_mn) as value_set_aside_mn,
        sum(cells.value_set_aside_imputed_mn) as value_set_aside_imputed_mn,
        sum(cells.value_left_out_mn) as value_left_out_mn,
        sum(cells.value_non_response_mn) as value_non_response_mn,
        sum(cells.value_imputed_mn) as value_imputed_mn,
        max(cells.released_on) as released_on,
        {{ any_simulated('cells.is_simulated') }} as is_simulated
    from cells
    cross join levels
    group by
        cells.area_code,
        cells.quarter,
        case when levels.row_kind in ('cell', 'district') then cells.district_code else 'total' end,
        case when levels.row_kind in ('cell', 'stratum') then cells.stratum else 'total' end,
        levels.row_kind
),

estimated as (
    select
        sums.*,
        coalesce(single.chapman_estimate, totals.chapman_estimate) as chapman_estimate,
        coalesce(single.chapman_variance, totals.chapman_variance) as chapman_variance,
        coalesce(cast(single.chapman_low as double), totals.chapman_low) as chapman_low,
        coalesce(cast(single.chapman_high as double), totals.chapman_high) as chapman_high,
        coalesce(single.works_recorded, totals.works_recorded) as works_recorded,
        coalesce(single.coverage, totals.coverage) as coverage,
        coalesce(single.coverage_low, totals.coverage_low) as coverage_low,
        coalesce(single.coverage_high, totals.coverage_high) as coverage_high,
        coalesce(single.value_unseen, totals.value_unseen) as value_unseen,
        single.estimate_method,
        single.estimate_codes,
        single.pooled_coverage,
        single.pooled_cells,
        totals.missing_parts
    from sums
    left join single
        on
            sums.row_kind = 'cell'
            and sums.quarter = single.quarter
            and sums.district_code = single.district_code
            and sums.stratum = single.stratum
    left join totals
        on
            sums.row_kind <> 'cell'
            and sums.quarter = totals.quarter
            and coalesce(sums.area_code, '') = coalesce(totals.area_code, '')
            and sums.district_code = totals.district_code
            and sums.stratum = totals.stratum
),

worded as (
    select
        *,
        case
            when row_kind = 'cell' then estimate_codes
            when n_matched is null then 'estimate_no_returns'
            when n_permits = 0 then 'estimate_no_permits'
            when chapman_estimate is null and missing_parts is null then 'estimate_no_sum_at_all'
            when chapman_estimate is null then 'estimate_no_sum_for_parts'
        end as estimate_reason_codes,
        to_json({
            'n_matched': n_matched,
            'n_others': pooled_cells - 1,
            'coverage_pct': round(100 * pooled_coverage, 1),
            'missing_parts': missing_parts
        }) as estimate_reason_values
    from estimated
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    selection,
    row_kind <> 'cell' as is_total,
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
    cast(
        round(cast(n_matched_take_all as double) / nullif(n_permits_take_all, 0), 4) as decimal(12, 4)
    ) as capture_rate,
    cast(chapman_estimate as decimal(18, 4)) as chapman_estimate,
    cast(chapman_variance as decimal(24, 4)) as chapman_variance,
    cast(round(chapman_low, 4) as decimal(18, 4)) as chapman_low,
    cast(round(chapman_high, 4) as decimal(18, 4)) as chapman_high,
    cast(works_recorded as decimal(18, 4)) as works_recorded,
    coverage,
    coverage_low,
    coverage_high,
    case
        when row_kind = 'cell' then estimate_method
        when chapman_estimate is not null then 'sum_of_strata'
        else 'none'
    end as estimate_method,
    say_en(estimate_reason_codes, estimate_reason_values) as estimate_reason,
    say_vi(estimate_reason_codes, estimate_reason_values) as estimate_reason_vi,
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
    cast(round(value_unseen, 3) as decimal(20, 3)) as value_unseen_mn,
    released_on,
    is_simulated
from worded

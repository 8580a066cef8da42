-- The value that is missing from what each group recorded. Listed sites that were not found are valued by their size,
-- at the value per unit of size of the sites that lists and survey share; sites on no list at the mean value of the
-- sites that appear on one list only. In sampled strata a site that is not recorded is worth as much as one that is.
-- Sums are taken on exact decimals: a sum of doubles depends on the order in which an engine's threads read the rows.
with works as (
    select
        domain_groups.group_id,
        domain_groups.selection,
        coalesce(seen.area_code, '') as area_code,
        seen.quarter,
        seen.seen_by,
        seen.is_open,
        seen.size_kind,
        cast(seen.works_size as double) as works_size,
        cast(seen.seen_value_mn as double) as seen_value_mn
    from {{ ref('int_capture_works') }} as seen
    inner join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            seen.quarter = domain_groups.quarter
            and seen.district_code = domain_groups.district_code
            and seen.stratum = domain_groups.stratum
    where domain_groups.selection = 'take_all'
),

-- Recorded value includes the estimates that replace values which were set aside.
recorded as (
    select
        domain_groups.group_id,
        cast(cast(sum(domains.value_recorded_mn + domains.value_set_aside_imputed_mn) as decimal(20, 3)) as double)
            as recorded,
        cast(cast(sum(domains.set_aside_variance_mn2) as decimal(38, 4)) as double) as recorded_variance
    from {{ ref('int_capture_domains') }} as domains
    inner join {{ ref('int_capture_domain_groups') }} as domain_groups
        on
            domains.quarter = domain_groups.quarter
            and domains.district_code = domain_groups.district_code
            and domains.stratum = domain_groups.stratum
    group by domain_groups.group_id
),

threshold as (
    select {{ threshold('minimum_donors') }} as minimum_donors
    from {{ ref('capture_thresholds') }}
),

-- Sites whose value and size are both known give the value per unit of size: those of the group, those of the quarter
-- where the group has too few, else those of all quarters.
donors as (
    select
        *,
        'group:' || group_id as own_pool,
        'quarter:' || area_code || ':' || quarter as quarter_pool,
        'area:' || area_code as area_pool
    from works
    where seen_by = 'lists_and_survey' and seen_value_mn is not null and works_size > 0
),

pooled as (
    select
        own_pool as pool,
        size_kind,
        works_size,
        seen_value_mn
    from donors
    union all
    select
        quarter_pool as pool,
        size_kind,
        works_size,
        seen_value_mn
    from donors
    union all
    select
        area_pool as pool,
        size_kind,
        works_size,
        seen_value_mn
    from donors
),

sums as (
    select
        pool,
        size_kind,
        count(*) as n_donors,
        cast(sum(cast(works_size as decimal(38, 6))) as double) as size_sum,
        cast(sum(cast(seen_value_mn as decimal(38, 6))) as double) as value_sum,
        cast(sum(cast(works_size * works_size as decimal(38, 6))) as double) as size_squares,
        cast(sum(cast(works_size * seen_value_mn as decimal(38, 6))) as double) as products,
        cast(sum(cast(seen_value_mn * seen_value_mn as decimal(38, 6))) as double) as value_squares
    from pooled
    group by pool, size_kind
),

enough as (
    select sums.*
    from sums
    cross join threshold
    where sums.n_donors >= threshold.minimum_donors
),

-- The variance of what the size does not explain.
ratios as (
    select
        *,
        value_sum / size_sum as value_per_size,
        greatest(
            value_squares
            - 2 * value_sum / size_sum * products
            + value_sum / size_sum * value_sum / size_sum * size_squares,
            0
        )
        / (n_donors - 1) as residual_variance
    from enough
),

-- A value that the register holds is taken as it is where no site gives a better one; nothing is known of its error.
chosen as (
    select
        sought.group_id,
        sought.size_kind,
        coalesce(
            own.value_per_size,
            of_quarter.value_per_size,
            of_area.value_per_size,
            case when sought.size_kind = 'listed_value' then 1 end
        ) as value_per_size,
        coalesce(own.residual_variance, of_quarter.residual_variance, of_area.residual_variance) as residual_variance,
        coalesce(
            own.n_donors / (own.size_sum * own.size_sum),
            of_quarter.n_donors / (of_quarter.size_sum * of_quarter.size_sum),
            of_area.n_donors / (of_area.size_sum * of_area.size_sum)
        ) as donors_over_square
    from (
        select
            group_id,
            area_code,
            quarter,
            size_kind
        from works
        where seen_by = 'lists'
        group by group_id, area_code, quarter, size_kind
    ) as sought
    left join ratios as own
        on
            own.pool = 'group:' || sought.group_id
            and sought.size_kind = own.size_kind
    left join ratios as of_quarter
        on
            of_quarter.pool = 'quarter:' || sought.area_code || ':' || sought.quarter
            and sought.size_kind = of_quarter.size_kind
    left join ratios as of_area
        on
            of_area.pool = 'area:' || sought.area_code
            and sought.size_kind = of_area.size_kind
),

not_found as (
    select
        works.group_id,
        works.size_kind,
        count(*) as n_works,
        count(case when works.is_open then 1 end) as n_open,
        cast(sum(cast(works.works_size as decimal(38, 6))) as double) as size_sum,
        cast(sum(cast(case when works.is_open then works.works_size else 0 end as decimal(38, 6))) as double)
            as size_open,
        max(chosen.value_per_size) as value_per_size,
        max(chosen.residual_variance) as residual_variance,
        max(chosen.donors_over_square) as donors_over_square
    from works
    inner join chosen
        on
            works.group_id = chosen.group_id
            and works.size_kind = chosen.size_kind
    where works.seen_by = 'lists'
    group by works.group_id, works.size_kind
),

listed as (
    select
        group_id,
        sum(n_works) as n_not_found,
        sum(n_open) as n_open,
        count(*) = count(value_per_size) as is_valued,
        count(*) = count(residual_variance) as is_error_known,
        sum(cast(size_sum * value_per_size as decimal(38, 6))) as value_not_found,
        sum(cast(size_open * value_per_size as decimal(38, 6))) as value_open,
        sum(cast(residual_variance * n_works as decimal(38, 6))) as variance_of_works,
        sum(cast(size_sum * size_sum * residual_variance * donors_over_square as decimal(38, 6))) as variance_of_ratio
    from not_found
    group by group_id
),

-- The sites that appear on one list only, each with its value: what the survey says, what a tax declaration says where
-- declarations are a list, else what its size is worth.
alone as (
    select
        works.group_id,
        works.seen_by,
        case
            when works.seen_by = 'lists' then works.works_size * chosen.value_per_size else works.seen_value_mn
        end as value_mn
    from works
    inner join {{ ref('int_capture_estimates') }} as estimates on works.group_id = estimates.group_id
    left join chosen
        on
            works.group_id = chosen.group_id
            and works.size_kind = chosen.size_kind
            and works.seen_by = 'lists'
    where
        works.seen_by in ('lists', 'survey')
        or (works.seen_by = 'declarations' and estimates.estimate_method = 'three_lists')
),

alone_sums as (
    select
        group_id,
        count(value_mn) as n_alone,
        cast(count(case when seen_by <> 'lists' then value_mn end) as double) as n_alone_unlisted,
        cast(count(case when seen_by = 'declarations' then value_mn end) as double) as n_declared_alone,
        cast(sum(cast(case when seen_by <> 'lists' then value_mn else 0 end as decimal(38, 6))) as double)
            as value_alone_unlisted,
        cast(sum(cast(case when seen_by = 'declarations' then value_mn else 0 end as decimal(38, 6))) as double)
            as value_declared_alone,
        cast(sum(cast(value_mn as decimal(38, 6))) as double) as value_alone,
        cast(sum(cast(value_mn * value_mn as decimal(38, 6))) as double) as value_alone_squares
    from alone
    group by group_id
),

-- Of the listed sites that were not found, and of those that declarations alone report, only those count that better
-- links would not have found, and of the open ones those that were begun.
take_all as (
    select
        groups.group_id,
        recorded.recorded,
        recorded.recorded_variance,
        cast(estimates.works_estimated as double) - cast(estimates.works_seen as double) as unseen_works,
        cast(estimates.works_variance as double)
        - cast(estimates.works_not_begun_error as double) * cast(estimates.works_not_begun_error as double)
            as works_variance,
        coalesce(cast(estimates.not_begun_share as double), 0) as not_begun_share,
        cast(estimates.not_begun_share_error as double) as not_begun_share_error,
        cast(estimates.works_open_unseen as double) as open_unseen,
        coalesce(cast(estimates.works_not_found as double) / nullif(listed.n_not_found, 0), 1) as kept_share,
        coalesce(listed.is_valued, true) as is_valued,
        coalesce(listed.is_error_known, true) as is_error_known,
        coalesce(cast(listed.value_not_found as double), 0) as value_not_found,
        coalesce(cast(listed.variance_of_works as double), 0) as variance_of_works,
        coalesce(cast(listed.variance_of_ratio as double), 0) as variance_of_ratio,
        coalesce(cast(listed.value_open as double), 0) as value_open,
        coalesce(listed.n_not_found, 0) as n_not_found,
        coalesce(listed.n_open, 0) as n_open,
        alone_sums.n_alone,
        alone_sums.n_alone_unlisted
        - alone_sums.n_declared_alone * (1 - coalesce(cast(estimates.declared_alone_kept as double), 1))
            as n_alone_unlisted,
        coalesce(
            alone_sums.value_alone_unlisted
            - alone_sums.value_declared_alone * (1 - coalesce(cast(estimates.declared_alone_kept as double), 1)),
            0
        ) as value_alone_unlisted,
        coalesce(alone_sums.value_declared_alone * coalesce(cast(estimates.declared_alone_kept as double), 1), 0)
            as value_declared_alone,
        case
            when alone_sums.n_alone > 1
                then
                    greatest(
                        alone_sums.value_alone_squares
                        - alone_sums.value_alone * alone_sums.value_alone / alone_sums.n_alone,
                        0
                    )
                    / (alone_sums.n_alone - 1)
        end as variance_alone
    from {{ ref('int_capture_groups') }} as groups
    inner join {{ ref('int_capture_estimates') }} as estimates on groups.group_id = estimates.group_id
    inner join recorded on groups.group_id = recorded.group_id
    left join listed on groups.group_id = listed.group_id
    left join alone_sums on groups.group_id = alone_sums.group_id
    where groups.selection = 'take_all' and estimates.is_estimated
),

scaled as (
    select
        *,
        (value_not_found - not_begun_share * value_open) * kept_share as value_listed,
        value_open * kept_share as value_open_kept,
        variance_of_works * kept_share + variance_of_ratio * kept_share * kept_share as variance_listed,
        ((value_not_found - not_begun_share * value_open) * kept_share + value_alone_unlisted)
        / nullif((n_not_found - not_begun_share * n_open) * kept_share + coalesce(n_alone_unlisted, 0), 0)
            as mean_alone
    from take_all
),

valued as (
    select
        group_id,
        recorded,
        recorded_variance,
        value_listed + value_declared_alone as value_not_found,
        case when unseen_works > 0 then unseen_works * mean_alone else 0 end as value_unseen,
        value_open_kept as value_open,
        coalesce(open_unseen * mean_alone, 0) as value_open_unseen,
        not_begun_share_error * (value_open_kept + coalesce(open_unseen * mean_alone, 0)) as value_error,
        case
            when not is_error_known then null
            when unseen_works > 0
                then
                    variance_listed
                    + mean_alone * mean_alone * works_variance
                    + unseen_works * variance_alone
                    + unseen_works * unseen_works * variance_alone / n_alone
            else variance_listed
        end as variance_missing
    from scaled
    where is_valued
),

unit_sums as (
    select
        group_id,
        count(*) as n_units,
        cast(sum(weighted_value_mn) as double) as value_sum,
        cast(
            sum(cast(cast(weighted_value_mn as double) * cast(weighted_value_mn as double) as decimal(38, 6))) as double
        ) as value_squares
    from {{ ref('int_capture_group_units') }}
    group by group_id
),

-- The recorded value, times the number of missing sites for each recorded one.
sampled as (
    select
        groups.group_id,
        recorded.recorded,
        cast(estimates.works_recorded as double) / cast(estimates.works_estimated as double) as covered,
        least(
            cast(groups.weighted_matched as double) / (groups.n_permits - groups.n_not_begun), 1
        ) as listed_found,
        cast(groups.n_permits - groups.n_not_begun as double) / cast(estimates.works_estimated as double)
            as listed_share,
        cast(estimates.inverse_coverage_variance as double) as inverse_variance,
        greatest(unit_sums.value_squares - unit_sums.value_sum * unit_sums.value_sum / unit_sums.n_units, 0)
        * unit_sums.n_units / nullif(unit_sums.n_units - 1, 0) as recorded_variance
    from {{ ref('int_capture_groups') }} as groups
    inner join {{ ref('int_capture_estimates') }} as estimates on groups.group_id = estimates.group_id
    inner join recorded on groups.group_id = recorded.group_id
    inner join unit_sums on groups.group_id = unit_sums.group_id
    where groups.selection = 'sample' and estimates.is_estimated
),

sampled_values as (
    select
        group_id,
        recorded,
        recorded_variance,
        recorded / covered * listed_share * (1 - listed_found) as value_not_found,
        greatest(recorded / covered - recorded, 0)
        - recorded / covered * listed_share * (1 - listed_found) as value_unseen,
        0 as value_open,
        0 as value_open_unseen,
        0 as value_error,
        recorded * recorded * inverse_variance as variance_missing
    from sampled
),

either as (
    select * from valued
    union all
    select * from sampled_values
)

-- What is recorded has errors of its own where it is sampled or imputed; they affect coverage as if what is missing had
-- a proportional error.
select
    group_id,
    cast(round(value_not_found, 3) as decimal(20, 3)) as value_not_found_mn,
    cast(round(greatest(value_unseen, 0), 3) as decimal(20, 3)) as value_unseen_mn,
    cast(round(value_open, 3) as decimal(20, 3)) as value_open_mn,
    cast(round(value_open_unseen, 3) as decimal(20, 3)) as value_open_unseen_mn,
    cast(round(value_error, 3) as decimal(20, 3)) as value_not_begun_error_mn,
    cast(
        round(
            variance_missing
            + value_error * value_error
            + case
                when recorded_variance > 0
                    then
                        (value_not_found + value_unseen) * (value_not_found + value_unseen)
                        / (recorded * recorded) * recorded_variance
                else 0
            end,
            6
        ) as decimal(38, 6)
    ) as value_missing_variance
from either

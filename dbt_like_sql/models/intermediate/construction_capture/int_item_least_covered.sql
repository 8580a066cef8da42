-- For each item on full capture, the district and the stratum of which the least is recorded over its period, where
-- another records more. Districts are compared by value only where the estimate of each covers nearly all that it
-- recorded: else one that is valued in part would stand for those that are not valued at all. Then they are compared by
-- the listed works found in take-all strata, which all of them have.
with items as (
    select * from {{ ref('int_capture_items') }}
    where indicator = 'construction_coverage'
),

thresholds as (
    select {{ threshold('maximum_unestimated_share_to_rank') }} as maximum_unestimated
    from {{ ref('capture_thresholds') }}
),

strata_of_items as (
    {{ capture_strata_of('items') }}
),

found as (
    select
        directive,
        item,
        district_code,
        cast(sum(n_permits) as integer) as n_permits,
        cast(sum(n_matched) as integer) as n_matched
    from strata_of_items
    where not is_total and selection = 'take_all' and n_matched is not null
    group by directive, item, district_code
),

-- Districts and strata, each as a whole.
parts as (
    select
        counts.directive,
        counts.item,
        counts.district_code,
        counts.stratum,
        cast(sum(counts.value_recorded_mn + counts.value_set_aside_imputed_mn) as double) as value_recorded,
        coalesce(cast(sum(totals.value_estimated_mn) as double), 0) as value_estimated,
        cast(sum(totals.value_estimated_mn) as double)
        / nullif(
            cast(sum(totals.value_estimated_mn) as double)
            + cast(sum(totals.value_not_found_mn + totals.value_unseen_mn) as double),
            0
        ) as value_coverage
    from strata_of_items as counts
    left join {{ ref('int_capture_totals') }} as totals
        on
            counts.quarter = totals.quarter
            and counts.area_code = totals.area_code
            and counts.district_code = totals.district_code
            and counts.stratum = totals.stratum
    where counts.is_total
    group by counts.directive, counts.item, counts.district_code, counts.stratum
),

estimated as (
    select
        parts.*,
        parts.value_coverage is not null
        and parts.value_estimated >= (1 - thresholds.maximum_unestimated) * parts.value_recorded as is_estimated
    from parts
    cross join thresholds
),

compared as (
    select
        estimated.directive,
        estimated.item,
        estimated.district_code,
        estimated.value_coverage,
        found.n_permits,
        found.n_matched,
        cast(found.n_matched as double) / nullif(found.n_permits, 0) as capture_rate,
        min(case when estimated.is_estimated then 1 else 0 end) over (
            partition by estimated.directive, estimated.item
        ) = 1 as is_by_value,
        count(*) over (partition by estimated.directive, estimated.item) as n_districts,
        sum(case when estimated.value_coverage is null then 1 else 0 end) over (
            partition by estimated.directive, estimated.item
        ) as n_districts_unestimated,
        sum(case when estimated.value_coverage is not null and not estimated.is_estimated then 1 else 0 end) over (
            partition by estimated.directive, estimated.item
        ) as n_districts_estimated_in_part
    from estimated
    left join found
        on
            estimated.directive = found.directive
            and estimated.item = found.item
            and estimated.district_code = found.district_code
    where estimated.district_code <> 'total' and estimated.stratum = 'total'
),

ranked_districts as (
    select
        *,
        round(case when is_by_value then value_coverage else capture_rate end, 4) as recorded_share,
        round(
            max(case when is_by_value then value_coverage else capture_rate end) over (partition by directive, item), 4
        ) as most_recorded,
        row_number() over (
            partition by directive, item
            order by
                case when is_by_value then value_coverage else capture_rate end asc nulls last,
                district_code asc
        ) as row_number
    from compared
),

ranked_strata as (
    select
        *,
        row_number() over (partition by directive, item order by value_coverage asc, stratum asc) as row_number,
        round(max(value_coverage) over (partition by directive, item), 4) as most_recorded
    from estimated
    where district_code = 'total' and stratum <> 'total' and is_estimated
),

names as (
    {{ names_of_districts() }}
)

select
    items.directive,
    items.item,
    case
        when districts.recorded_share < districts.most_recorded then coalesce(names.name_en, districts.district_code)
    end as worst_district_en,
    case
        when districts.recorded_share < districts.most_recorded then coalesce(names.name_vi, districts.district_code)
    end as worst_district_vi,
    cast(
        case
            when districts.recorded_share < districts.most_recorded and districts.is_by_value
                then districts.recorded_share
        end as decimal(12, 4)
    ) as worst_district_coverage,
    cast(
        case
            when districts.recorded_share < districts.most_recorded and not districts.is_by_value
                then districts.recorded_share
        end as decimal(12, 4)
    ) as worst_district_capture_rate,
    districts.n_permits as worst_district_n_permits,
    districts.n_matched as worst_district_n_matched,
    cast(districts.n_districts as integer) as n_districts,
    cast(districts.n_districts_unestimated as integer) as n_districts_unestimated,
    cast(districts.n_districts_estimated_in_part as integer) as n_districts_estimated_in_part,
    coalesce(labels.label_en, strata.stratum) as worst_stratum_en,
    coalesce(labels.label_vi, strata.stratum) as worst_stratum_vi,
    cast(round(strata.value_coverage, 4) as decimal(12, 4)) as worst_stratum_coverage
from items
left join ranked_districts as districts
    on
        items.directive = districts.directive
        and items.item = districts.item
        and districts.row_number = 1
left join names on districts.district_code = names.admin_unit_code
left join ranked_strata as strata
    on
        items.directive = strata.directive
        and items.item = strata.item
        and strata.row_number = 1
        and round(strata.value_coverage, 4) < strata.most_recorded
left join {{ ref('construction_strata') }} as labels on strata.stratum = labels.stratum

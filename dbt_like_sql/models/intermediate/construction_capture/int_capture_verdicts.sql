-- What becomes of an item on full capture, judged over its whole period and never cell by cell. Complete: units enough
-- answered and no district was silent. Correct: few returns are wrong. Nothing left out: coverage by value, whose
-- lower limit must reach the threshold, while strata without an estimate weigh little. Values and variances of quarters
-- add up; errors of quarters are taken as independent.
with items as (
    select
        directive,
        item,
        area_code,
        {{ first_quarter_of('period') }} as first_quarter,
        {{ last_quarter_of('period') }} as last_quarter
    from {{ ref('directive_items') }}
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

strata as (
    select
        items.directive,
        items.item,
        strata.*
    from items
    inner join {{ ref('int_capture_strata') }} as strata
        on
            strata.quarter between items.first_quarter and items.last_quarter
            and items.area_code = strata.area_code
    where strata.is_total
),

-- The whole period of the area, of each of its districts and of each of its strata.
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
        cast(sum(value_missing_variance) as double) as missing_variance,
        cast(sum(case when chapman_estimate is not null then works_recorded end) as double) as works_recorded,
        cast(sum(chapman_estimate) as double) as works_estimated
    from strata
    group by directive, item, district_code, stratum
),

spreads as (
    select
        *,
        value_estimated / nullif(value_estimated + value_missing, 0) as value_coverage,
        case
            when value_missing > 0
                then exp(1.96 * sqrt(ln(1 + missing_variance / (value_missing * value_missing))))
            when value_missing = 0 then 1
        end as value_spread
    from years
),

covered as (
    select
        *,
        value_estimated / nullif(value_estimated + value_missing * value_spread, 0) as coverage_low,
        value_estimated / nullif(value_estimated + value_missing / value_spread, 0) as coverage_high
    from spreads
),

-- The district and the stratum of which the least is recorded, where another records more; strata without an
-- estimate are named apart.
ranked_districts as (
    select
        *,
        row_number() over (
            partition by directive, item order by value_coverage asc, district_code asc
        ) as row_number,
        round(max(value_coverage) over (partition by directive, item), 4) as most_covered
    from covered
    where district_code <> 'total' and value_coverage is not null
),

ranked_strata as (
    select
        *,
        row_number() over (partition by directive, item order by value_coverage asc, stratum asc) as row_number,
        round(max(value_coverage) over (partition by directive, item), 4) as most_covered
    from covered
    where district_code = 'total' and stratum <> 'total' and value_coverage is not null
),

names as (
    select
        admin_unit_code,
        max(name_vi) as name_vi
    from {{ ref('admin_units') }}
    where admin_level = 'district'
    group by admin_unit_code
),

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

silent as (
    select
        items.directive,
        items.item,
        count(*) as n_silent
    from items
    inner join {{ ref('complete__districts_return') }} as districts
        on
            districts.quarter between items.first_quarter and items.last_quarter
            and items.area_code = districts.area_code
    where districts.stratum = 'total' and not districts.has_returned
    group by items.directive, items.item
),

wrong as (
    select
        quarter,
        return_id
    from {{ ref('correct__no_works_counted_twice') }}
    where not is_counted_once
    union
    select
        quarter,
        return_id
    from {{ ref('correct__nothing_funded_by_the_budget') }}
    where budget_evidence is not null
    union
    select
        quarter,
        return_id
    from {{ ref('correct__value_per_m2_in_range') }}
    where not is_in_range
    union
    select
        quarter,
        return_id
    from {{ ref('correct__survey_against_tax') }}
    where survey_to_tax_ratio > tolerance_ratio
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
    left join wrong
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
        -- What must be found and recorded for the lower limit to reach the threshold, and how many works that is.
        thresholds.minimum_coverage * (covered.value_estimated + covered.value_missing * covered.value_spread)
        - covered.value_estimated as value_to_find,
        covered.value_missing / nullif(covered.works_estimated - covered.works_recorded, 0) as value_per_works,
        unestimated.strata_en,
        unestimated.strata_vi,
        coalesce(names.name_vi, ranked_districts.district_code) as worst_district,
        ranked_districts.value_coverage as worst_district_coverage,
        coalesce(labels.label_en, ranked_strata.stratum) as worst_stratum_en,
        coalesce(labels.label_vi, ranked_strata.stratum) as worst_stratum_vi,
        ranked_strata.value_coverage as worst_stratum_coverage
    from covered
    cross join thresholds
    inner join items
        on
            covered.directive = items.directive
            and covered.item = items.item
    left join {{ ref('int_capture_quarters') }} as quarters on items.last_quarter = quarters.quarter
    left join silent
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
    left join ranked_districts
        on
            covered.directive = ranked_districts.directive
            and covered.item = ranked_districts.item
            and ranked_districts.row_number = 1
            and round(ranked_districts.value_coverage, 4) < ranked_districts.most_covered
    left join names on ranked_districts.district_code = names.admin_unit_code
    left join ranked_strata
        on
            covered.directive = ranked_strata.directive
            and covered.item = ranked_strata.item
            and ranked_strata.row_number = 1
            and round(ranked_strata.value_coverage, 4) < ranked_strata.most_covered
    left join {{ ref('construction_strata') }} as labels on ranked_strata.stratum = labels.stratum
    where covered.district_code = 'total' and covered.stratum = 'total'
)

select
    directive,
    item,
    case
        when not is_period_due then 'undecided'
        when not is_complete or not is_correct or coalesce(coverage_high < minimum_coverage, false) then 'missed'
        when coverage_low >= minimum_coverage and is_estimated_enough then 'achieved'
        else 'undecided'
    end as capture_verdict,
    is_period_due,
    is_complete,
    is_correct,
    is_estimated_enough,
    cast(round(value_coverage, 4) as decimal(12, 4)) as value_coverage,
    cast(round(coverage_low, 4) as decimal(12, 4)) as value_coverage_low,
    cast(round(coverage_high, 4) as decimal(12, 4)) as value_coverage_high,
    cast(round(least(works_recorded / works_estimated, 1), 4) as decimal(12, 4)) as coverage,
    cast(round(response_rate, 4) as decimal(12, 4)) as unit_response_rate,
    cast(n_units_answered as integer) as n_units_answered,
    cast(n_units_drawn as integer) as n_units_drawn,
    cast(n_silent as integer) as n_silent_districts,
    cast(n_returns as integer) as n_returns,
    cast(n_wrong as integer) as n_wrong_returns,
    cast(round(unestimated_share, 4) as decimal(12, 4)) as unestimated_share,
    strata_en as unestimated_strata_en,
    strata_vi as unestimated_strata_vi,
    cast(round(greatest(value_to_find, 0), 3) as decimal(20, 3)) as value_to_find_mn,
    cast(ceil(round(greatest(value_to_find, 0) / value_per_works, 6)) as integer) as n_works_to_find,
    worst_district,
    cast(round(worst_district_coverage, 4) as decimal(12, 4)) as worst_district_coverage,
    worst_stratum_en,
    worst_stratum_vi,
    cast(round(worst_stratum_coverage, 4) as decimal(12, 4)) as worst_stratum_coverage
from judged

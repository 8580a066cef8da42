-- What imperfect counting does to growth, for an area and quarter. Coverage of construction's value added is its
-- level over the level and what was left out, at constant prices; output becomes value added only with a ratio that has
-- a source: the seed of ratios, else what the area's own deliveries of the same quarter say, its value added over
-- the output of all its districts. Steady coverage moves no growth; counting better than a year ago makes growth that
-- was not there. Errors of the two years are taken as independent. Growth is called manufactured only of an effect
-- whose whole interval lies below zero. Where too much of the recorded value is imputed, because returns are set aside
-- in the quarter or the year before, no effect on growth is given.
with registered as (
    select
        quarters.quarter,
        ratios.area_code,
        ratios.value_added_of_output_ratio,
        row_number() over (
            partition by quarters.quarter, ratios.area_code order by ratios.from_period desc
        ) as row_number
    from {{ ref('value_added_ratios') }} as ratios
    inner join {{ ref('int_capture_quarters') }} as quarters on ratios.from_period <= quarters.quarter
),

districts as (
    select
        quarters.quarter,
        units.parent_admin_unit_code as area_code,
        units.admin_unit_code as district_code
    from {{ ref('admin_units') }} as units
    inner join {{ ref('int_capture_quarters') }} as quarters
        on
            coalesce(units.valid_from, date '1900-01-01') <= quarters.last_day_on
            and coalesce(units.valid_to, date '9999-12-31') >= quarters.last_day_on
    where units.admin_level = 'district'
    group by quarters.quarter, units.parent_admin_unit_code, units.admin_unit_code
),

district_counts as (
    select
        quarter,
        area_code,
        count(*) as n_districts
    from districts
    group by quarter, area_code
),

-- Output of an area whose districts are registered counts only when all of them are there: the sum of some would make
-- the ratio too large.
output as (
    select
        output.area_code,
        output.period as quarter,
        sum(output.value_current_mn) as output_current_mn,
        {{ any_simulated('output.is_simulated') }} as is_simulated
    from {{ ref('stg_construction_output') }} as output
    left join district_counts
        on
            output.area_code = district_counts.area_code
            and output.period = district_counts.quarter
    left join districts
        on
            output.area_code = districts.area_code
            and output.period = districts.quarter
            and output.district_code = districts.district_code
    where
        output.ownership = 'total'
        and output.work_type = 'total'
        and output.value_current_mn is not null
        and (district_counts.n_districts is null or districts.district_code is not null)
    group by output.area_code, output.period
    having
        count(distinct output.district_code)
        = coalesce(max(district_counts.n_districts), count(distinct output.district_code))
),

missing as (
    select
        totals.area_code,
        totals.quarter,
        quarters.quarter_year_before,
        totals.n_returns_set_aside,
        cast(totals.value_set_aside_imputed_mn as double)
        / nullif(cast(totals.value_recorded_mn + totals.value_set_aside_imputed_mn as double), 0) as imputed_share,
        case
            when totals.is_valued and totals.chapman_estimate is not null
                then totals.value_not_found_mn + totals.value_unseen_mn
        end as missing_mn,
        cast(totals.value_missing_variance as double) as missing_variance,
        coalesce(
            cast(registered.value_added_of_output_ratio as double),
            cast(construction.value_constant_bn as double) * 1000
            / nullif(cast(output.output_current_mn as double), 0)
        ) as value_added_ratio,
        case
            when registered.value_added_of_output_ratio is not null then 'register'
            when construction.value_constant_bn is not null and output.output_current_mn > 0 then 'own_accounts'
        end as value_added_ratio_basis,
        coalesce(construction.is_simulated, false)
        or (registered.value_added_of_output_ratio is null and coalesce(output.is_simulated, false)) as is_simulated,
        construction.value_constant_bn as level_constant_bn,
        construction.value_year_before_constant_bn as level_year_before_constant_bn,
        sector.value_year_before_constant_bn as sector_year_before_constant_bn,
        construction.grdp_year_before_constant_bn
    from {{ ref('int_capture_strata') }} as totals
    inner join {{ ref('int_capture_quarters') }} as quarters on totals.quarter = quarters.quarter
    left join registered
        on
            totals.area_code = registered.area_code
            and totals.quarter = registered.quarter
            and registered.row_number = 1
    left join output
        on
            totals.area_code = output.area_code
            and totals.quarter = output.quarter
    left join {{ ref('int_sector_growth') }} as construction
        on
            totals.area_code = construction.area_code
            and totals.quarter = construction.period
            and construction.sector_code = 'CON'
    left join {{ ref('int_sector_growth') }} as sector
        on
            totals.area_code = sector.area_code
            and totals.quarter = sector.period
            and sector.sector_code = 'II'
    where totals.district_code = 'total' and totals.stratum = 'total'
),

covered as (
    select
        *,
        cast(level_constant_bn as double)
        / nullif(
            cast(level_constant_bn as double)
            + cast(missing_mn as double) / 1000 * value_added_ratio,
            0
        ) as value_coverage,
        value_added_ratio / 1000 / nullif(cast(level_constant_bn as double), 0) as missing_of_level
    from missing
),

-- The variance of the logarithm of coverage: what is missing is the only part of it that is estimated.
spread as (
    select
        *,
        value_coverage * value_coverage * missing_of_level * missing_of_level * missing_variance as log_variance
    from covered
),

threshold as (
    select {{ threshold('maximum_imputed_share') }} as maximum_imputed
    from {{ ref('capture_thresholds') }}
),

compared as (
    select
        spread.*,
        before.value_coverage as value_coverage_year_before,
        coalesce(before.n_returns_set_aside, 0) as n_returns_set_aside_year_before,
        coalesce(before.is_simulated, false) as before_is_simulated,
        cast(spread.level_constant_bn as double) / nullif(cast(spread.level_year_before_constant_bn as double), 0)
            as growth_factor,
        {{ normal_quantile_95() }} * sqrt(spread.log_variance + before.log_variance) as reach,
        greatest(coalesce(spread.imputed_share, 0), coalesce(before.imputed_share, 0)) <= threshold.maximum_imputed
            as is_given
    from spread
    cross join threshold
    left join spread as before
        on
            spread.area_code = before.area_code
            and spread.quarter_year_before = before.quarter
),

effects as (
    select
        *,
        case
            when is_given then growth_factor * (value_coverage_year_before / value_coverage - 1) * 100
        end as effect_pp,
        case
            when is_given then growth_factor * (value_coverage_year_before / value_coverage * exp(-reach) - 1) * 100
        end as effect_low_pp,
        case
            when is_given then growth_factor * (value_coverage_year_before / value_coverage * exp(reach) - 1) * 100
        end as effect_high_pp
    from compared
),

rounded as (
    select
        *,
        round(effect_pp, 2) as shown_pp,
        coalesce(effect_pp < 0 and effect_high_pp < 0, false) as is_manufactured
    from effects
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case
                when not is_given then 'growth_effect_set_aside'
                when value_added_ratio is null then 'growth_effect_no_ratio'
                when missing_mn is null then 'growth_effect_no_estimate'
                when level_constant_bn is null then 'growth_effect_no_level'
                when value_coverage_year_before is null then 'growth_effect_no_coverage_year_before'
                when effect_pp is null then 'growth_effect_no_level_year_before'
                when shown_pp = 0 then 'growth_effect_none'
                when effect_low_pp is null then 'growth_effect_no_interval'
                when is_manufactured then 'growth_effect_manufactured'
                when effect_low_pp > 0 then 'growth_effect_hidden'
                else 'growth_effect_not_certain'
            end,
            case
                when value_added_ratio_basis = 'own_accounts' and value_coverage is not null
                    then 'growth_effect_ratio_of_accounts'
            end
        ) as growth_effect_codes,
        to_json({
            'n_set_aside': n_returns_set_aside,
            'n_set_aside_year_before': n_returns_set_aside_year_before,
            'size_pp': cast(round(abs(effect_pp), 2) as decimal(12, 2)),
            'effect_pp': cast(round(effect_pp, 2) as decimal(12, 2)),
            'low_pp': cast(round(effect_low_pp, 2) as decimal(12, 2)),
            'high_pp': cast(round(effect_high_pp, 2) as decimal(12, 2))
        }) as growth_effect_values
    from rounded
)

select
    area_code,
    quarter,
    cast(round(100 * value_added_ratio, 4) as decimal(12, 4)) as value_added_of_output_pct,
    value_added_ratio_basis,
    cast(round(value_coverage, 4) as decimal(12, 4)) as value_added_coverage,
    cast(round(value_coverage_year_before, 4) as decimal(12, 4)) as value_added_coverage_year_before,
    cast(round((1 / value_coverage - 1) * 100, 4) as decimal(12, 4)) as level_effect_pct,
    cast(round(effect_pp, 4) as decimal(12, 4)) as growth_effect_construction_pp,
    cast(round(effect_low_pp, 4) as decimal(12, 4)) as growth_effect_construction_low_pp,
    cast(round(effect_high_pp, 4) as decimal(12, 4)) as growth_effect_construction_high_pp,
    cast(
        round(
            effect_pp * cast(level_year_before_constant_bn as double)
            / nullif(cast(sector_year_before_constant_bn as double), 0),
            4
        ) as decimal(12, 4)
    ) as growth_effect_sector_ii_pp,
    cast(
        round(
            effect_pp * cast(level_year_before_constant_bn as double)
            / nullif(cast(grdp_year_before_constant_bn as double), 0),
            4
        ) as decimal(12, 4)
    ) as growth_effect_grdp_pp,
    is_manufactured as is_growth_manufactured,
    message_en(growth_effect_codes, growth_effect_values) as growth_effect_reason_en,
    message_vi(growth_effect_codes, growth_effect_values) as growth_effect_reason_vi,
    is_simulated or before_is_simulated as is_simulated
from with_messages

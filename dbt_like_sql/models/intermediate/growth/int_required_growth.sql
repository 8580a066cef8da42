-- The growth that the rest of a year, or of its first months, needs so that the whole meets its target, and its place
-- in the area's own history: ((1 + g) * Y0 - YTD) / (Y0 - YTD0) - 1, with Y0 the whole a year before and YTD0 its same
-- cumulative part.
-- Y0 and YTD0 come from the vintage of YTD where that vintage has both, and are counted in its price base, linked to it
-- where only an older base has them.
with targeted as (
    select
        targets.directive,
        targets.item,
        targets.target_growth_pct,
        {{ year_before('targets.period') }} as whole_year_before,
        targets.last_month_of_year as whole_last_month,
        cumulative.area_code,
        cumulative.sector_code,
        cumulative.period,
        cumulative.calendar_year,
        cumulative.last_month_of_year,
        cumulative.delivery_id,
        cumulative.base_code,
        cumulative.value_constant_bn as ytd_now,
        cumulative.value_year_before_constant_bn as ytd_before,
        cumulative.is_simulated
    from {{ ref('int_growth_targets') }} as targets
    inner join {{ ref('int_sector_growth') }} as cumulative
        on
            targets.area_code = cumulative.area_code
            and targets.sector_code = cumulative.sector_code
            and targets.calendar_year = cumulative.calendar_year
            and targets.last_month_of_year > cumulative.last_month_of_year
    where cumulative.period_type = 'ytd' and targets.period_type in ('year', 'ytd')
),

own_quarters as (
    select
        targeted.directive,
        targeted.item,
        targeted.period,
        sum(quarters.value_constant_bn) as whole_level
    from targeted
    inner join {{ ref('stg_grdp') }} as quarters
        on
            targeted.delivery_id = quarters.delivery_id
            and targeted.area_code = quarters.area_code
            and targeted.sector_code = quarters.sector_code
            and targeted.calendar_year - 1 = quarters.calendar_year
            and targeted.whole_last_month >= quarters.last_month_of_year
            and targeted.base_code = quarters.base_code
    where quarters.period_type = 'quarter'
    group by targeted.directive, targeted.item, targeted.period, targeted.whole_last_month
    having count(quarters.value_constant_bn) * 3 = targeted.whole_last_month
),

with_years as (
    select
        targeted.*,
        coalesce(
            own_year.value_constant_bn,
            own_quarters.whole_level,
            known_year.value_constant_bn,
            linked_year.linked_value_bn
        ) as year_before
    from targeted
    left join {{ ref('stg_grdp') }} as own_year
        on
            targeted.delivery_id = own_year.delivery_id
            and targeted.area_code = own_year.area_code
            and targeted.sector_code = own_year.sector_code
            and targeted.whole_year_before = own_year.period
            and targeted.base_code = own_year.base_code
    left join own_quarters
        on
            targeted.directive = own_quarters.directive
            and targeted.item = own_quarters.item
            and targeted.period = own_quarters.period
    left join {{ ref('int_base_levels') }} as known_year
        on
            targeted.area_code = known_year.area_code
            and targeted.sector_code = known_year.sector_code
            and targeted.whole_year_before = known_year.period
            and targeted.base_code = known_year.base_code
            and {{ simulated_only_beside_simulated('targeted', 'known_year') }}
    left join {{ ref('int_linked_levels') }} as linked_year
        on
            targeted.area_code = linked_year.area_code
            and targeted.sector_code = linked_year.sector_code
            and targeted.whole_year_before = linked_year.period
            and targeted.base_code = linked_year.linked_base_code
            and {{ simulated_only_beside_simulated('targeted', 'linked_year') }}
),

remaining as (
    select
        *,
        (1 + cast(target_growth_pct as double) / 100) * cast(year_before as double) - cast(ytd_now as double)
            as rest_needed,
        cast(year_before - ytd_before as double) as rest_before
    from with_years
    where year_before > ytd_before
),

required as (
    select
        *,
        try_cast(round(100 * (rest_needed / rest_before - 1), 4) as decimal(12, 4)) as required_growth_rest_pct
    from remaining
)

select
    required.directive,
    required.item,
    required.area_code,
    required.sector_code,
    required.period,
    required.calendar_year,
    required.last_month_of_year,
    cast(round(required.year_before, 4) as decimal(18, 4)) as year_before_constant_bn,
    required.required_growth_rest_pct,
    cast(count(history.rest_of_year_growth_pct) as integer) as rest_growth_history_years,
    min(history.rest_of_year_growth_pct) as rest_growth_history_min_pct,
    max(history.rest_of_year_growth_pct) as rest_growth_history_max_pct,
    cast(
        1 + sum(case when history.rest_of_year_growth_pct > required.required_growth_rest_pct then 1 else 0 end)
        as integer
    ) as required_growth_place,
    cast(
        round(
            100
            * cast(
                sum(case when history.rest_of_year_growth_pct < required.required_growth_rest_pct then 1 else 0 end)
                as double
            )
            / nullif(count(history.rest_of_year_growth_pct), 0),
            4
        ) as decimal(12, 4)
    ) as required_growth_percentile,
    required.required_growth_rest_pct <= max(history.rest_of_year_growth_pct) as is_required_within_history,
    required.is_simulated
from required
left join {{ ref('int_rest_of_year_growth') }} as history
    on
        required.area_code = history.area_code
        and required.sector_code = history.sector_code
        and required.whole_last_month = history.whole_last_month
        and required.last_month_of_year = history.last_month_of_year
        and required.calendar_year > history.calendar_year
        and {{ simulated_only_beside_simulated('required', 'history') }}
group by
    required.directive,
    required.item,
    required.area_code,
    required.sector_code,
    required.period,
    required.calendar_year,
    required.last_month_of_year,
    required.year_before,
    required.required_growth_rest_pct,
    required.is_simulated

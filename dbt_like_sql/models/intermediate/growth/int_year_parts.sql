-- Each year of the main sectors as it fills up: the level of its first one, two, three and four quarters and of the
-- last of these alone, with the same a year before from the vintage that each came with. Nothing here crosses a break
-- of base: `base_from_year` says since when the series has been counted in this way, according to the seed of breaks or
-- to the price base that its levels state. Levels in an older price base are expressed in the newest one, where a year
-- links them; without such a year they are apart. A level whose period is not over on the day is the office's forecast:
-- it is no part of the year, and no projection of the year is measured against it.
with levels as (
    select
        levels.area_code,
        levels.sector_code,
        levels.period,
        levels.period_type,
        levels.calendar_year,
        levels.last_month_of_year,
        case
            when links.exact_linking_factor is null then levels.value_constant_bn
            else
                cast(
                    round(cast(levels.value_constant_bn as double) * cast(links.exact_linking_factor as double), 6)
                    as decimal(20, 6)
                )
        end as value_constant_bn,
        case
            when links.exact_linking_factor is null then levels.value_year_before_constant_bn
            else
                cast(
                    round(
                        cast(levels.value_year_before_constant_bn as double)
                        * cast(links.exact_linking_factor as double), 6
                    ) as decimal(20, 6)
                )
        end as value_year_before_constant_bn,
        levels.released_on,
        levels.delivery_id,
        coalesce(links.linked_base_code, levels.base_code) as base_code,
        links.link_year,
        links.exact_linking_factor,
        levels.is_simulated
    from {{ ref('int_sector_growth') }} as levels
    inner join {{ ref('int_periods') }} as periods on levels.period = periods.period
    inner join {{ ref('int_base_levels') }} as links
        on
            levels.area_code = links.area_code
            and levels.sector_code = links.sector_code
            and levels.period = links.period
            and levels.base_code = links.base_code
    where periods.last_day_on < {{ var('as_of') }}
),

bases as (
    select
        levels.area_code,
        levels.calendar_year,
        coalesce(max(base_breaks.break_year), 0) as base_from_year
    from levels
    left join {{ ref('base_breaks') }} as base_breaks
        on
            levels.area_code = base_breaks.area_code
            and levels.calendar_year >= base_breaks.break_year
    group by levels.area_code, levels.calendar_year
),

price_bases as (
    select
        *,
        min(base_code) over (partition by area_code, sector_code) as first_code,
        max(base_code) over (partition by area_code, sector_code) as last_code,
        min(calendar_year) over (partition by area_code, sector_code, base_code) as first_year_of_base
    from levels
),

cumulative as (
    select
        levels.*,
        case
            when levels.first_code <> levels.last_code
                then greatest(bases.base_from_year, levels.first_year_of_base)
            else bases.base_from_year
        end as base_from_year,
        case levels.last_month_of_year when 3 then 1 when 6 then 2 when 9 then 3 else 4 end as quarters_known
    from price_bases as levels
    inner join {{ ref('sectors') }} as sectors
        on levels.sector_code = sectors.sector_code and sectors.sector_depth <= 2
    inner join bases
        on levels.area_code = bases.area_code and levels.calendar_year = bases.calendar_year
    where
        levels.period_type in ('ytd', 'year')
        and levels.last_month_of_year in (3, 6, 9, 12)
        and levels.value_constant_bn > 0
),

quarters as (
    select
        area_code,
        sector_code,
        calendar_year,
        case last_month_of_year when 3 then 1 when 6 then 2 when 9 then 3 else 4 end as quarters_known,
        value_constant_bn,
        value_year_before_constant_bn,
        base_code,
        is_simulated
    from levels
    where period_type = 'quarter'
)

-- A quarter that nobody delivered is the difference of two cumulative levels.
select
    cumulative.area_code,
    cumulative.sector_code,
    cumulative.calendar_year,
    cumulative.quarters_known,
    cumulative.base_from_year,
    cumulative.value_constant_bn as cumulative_constant_bn,
    cumulative.value_year_before_constant_bn as cumulative_year_before_constant_bn,
    cast(
        coalesce(quarters.value_constant_bn, cumulative.value_constant_bn - shorter.value_constant_bn)
        as decimal(20, 6)
    ) as quarter_constant_bn,
    cast(
        case
            when quarters.value_constant_bn is not null then quarters.value_year_before_constant_bn
            else cumulative.value_year_before_constant_bn - shorter.value_year_before_constant_bn
        end as decimal(20, 6)
    ) as quarter_year_before_constant_bn,
    cumulative.link_year,
    cumulative.exact_linking_factor,
    cumulative.released_on,
    cumulative.delivery_id,
    cumulative.is_simulated
    or coalesce(quarters.is_simulated, false)
    or (quarters.value_constant_bn is null and coalesce(shorter.is_simulated, false)) as is_simulated
from cumulative
left join quarters
    on
        cumulative.area_code = quarters.area_code
        and cumulative.sector_code = quarters.sector_code
        and cumulative.calendar_year = quarters.calendar_year
        and cumulative.quarters_known = quarters.quarters_known
        and cumulative.base_code = quarters.base_code
        and {{ simulated_only_beside_simulated('cumulative', 'quarters') }}
left join cumulative as shorter
    on
        cumulative.area_code = shorter.area_code
        and cumulative.sector_code = shorter.sector_code
        and cumulative.calendar_year = shorter.calendar_year
        and cumulative.quarters_known - 1 = shorter.quarters_known
        and cumulative.base_code = shorter.base_code
        and {{ simulated_only_beside_simulated('cumulative', 'shorter') }}

-- Every starting point from which a year could have been projected: none, one, two or three of its quarters known. It
-- holds what had grown by then, the share that these quarters had of the year before, and, where the year is over, what
-- it became. Quarters after the starting point are never looked at; levels are those known on the day of the run.
with starts as (
    select
        area_code,
        sector_code,
        calendar_year as target_year,
        quarters_known,
        base_from_year,
        calendar_year as known_year,
        cumulative_constant_bn,
        cumulative_year_before_constant_bn,
        released_on,
        is_simulated
    from {{ ref('int_year_parts') }}
    where quarters_known < 4
    union all
    select
        whole.area_code,
        whole.sector_code,
        whole.calendar_year + 1 as target_year,
        0 as quarters_known,
        coalesce(base_breaks.break_year, whole.base_from_year) as base_from_year,
        whole.calendar_year as known_year,
        cast(null as decimal(20, 6)) as cumulative_constant_bn,
        cast(null as decimal(20, 6)) as cumulative_year_before_constant_bn,
        whole.released_on,
        whole.is_simulated
    from {{ ref('int_year_parts') }} as whole
    left join {{ ref('base_breaks') }} as base_breaks
        on
            whole.area_code = base_breaks.area_code
            and whole.calendar_year + 1 = base_breaks.break_year
    where whole.quarters_known = 4
),

years as (
    select * from {{ ref('int_year_parts') }}
    where quarters_known = 4
),

earlier as (
    select
        starts.area_code,
        starts.sector_code,
        starts.target_year,
        starts.quarters_known,
        count(years.calendar_year) as earlier_years,
        -- From the year of the link on the year is told in the newer base, and what came before is linked to it.
        max(
            case
                when years.calendar_year < years.link_year and starts.target_year > years.link_year then years.link_year
            end
        ) as link_year
    from starts
    left join years
        on
            starts.area_code = years.area_code
            and starts.sector_code = years.sector_code
            and starts.target_year > years.calendar_year
            and starts.base_from_year = years.base_from_year
            and {{ simulated_only_beside_simulated('starts', 'years') }}
    group by starts.area_code, starts.sector_code, starts.target_year, starts.quarters_known
)

select
    starts.area_code,
    starts.sector_code,
    starts.target_year,
    starts.quarters_known,
    starts.base_from_year,
    {{ period_of_quarters('starts.known_year', 'starts.quarters_known') }} as known_period,
    cast(earlier.earlier_years as integer) as earlier_years,
    try_cast(
        round(
            100
            * (
                cast(starts.cumulative_constant_bn as double)
                / cast(
                    case
                        when starts.cumulative_year_before_constant_bn > 0
                            then starts.cumulative_year_before_constant_bn
                    end as double
                )
                - 1
            ),
            8
        ) as decimal(18, 8)
    ) as growth_so_far_pct,
    case
        when starts.quarters_known = 0 and year_before.calendar_year is not null then cast(0 as decimal(18, 12))
        else shares.share_of_year
    end as share_of_year_before,
    -- Parts add up in their own base alone.
    cast(
        round(
            case
                when year_before.calendar_year < year_before.link_year
                    then
                        cast(year_before.cumulative_constant_bn as double)
                        / cast(year_before.exact_linking_factor as double)
                else cast(year_before.cumulative_constant_bn as double)
            end, 4
        ) as decimal(18, 4)
    ) as year_before_constant_bn,
    try_cast(
        round(
            100
            * (
                cast(outcome.cumulative_constant_bn as double)
                / cast(
                    case
                        when outcome.cumulative_year_before_constant_bn > 0
                            then outcome.cumulative_year_before_constant_bn
                    end as double
                )
                - 1
            ),
            4
        ) as decimal(12, 4)
    ) as actual_growth_pct,
    earlier.link_year,
    starts.released_on,
    starts.is_simulated
from starts
inner join earlier
    on
        starts.area_code = earlier.area_code
        and starts.sector_code = earlier.sector_code
        and starts.target_year = earlier.target_year
        and starts.quarters_known = earlier.quarters_known
left join years as year_before
    on
        starts.area_code = year_before.area_code
        and starts.sector_code = year_before.sector_code
        and starts.target_year - 1 = year_before.calendar_year
        and starts.base_from_year = year_before.base_from_year
        and {{ simulated_only_beside_simulated('starts', 'year_before') }}
left join {{ ref('int_year_shares') }} as shares
    on
        starts.area_code = shares.area_code
        and starts.sector_code = shares.sector_code
        and starts.target_year - 1 = shares.calendar_year
        and starts.quarters_known = shares.quarters_known
        and starts.base_from_year = shares.base_from_year
        and {{ simulated_only_beside_simulated('starts', 'shares') }}
left join years as outcome
    on
        starts.area_code = outcome.area_code
        and starts.sector_code = outcome.sector_code
        and starts.target_year = outcome.calendar_year
        and starts.base_from_year = outcome.base_from_year
        and {{ simulated_only_beside_simulated('starts', 'outcome') }}

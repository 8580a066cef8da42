-- What one sector must achieve if the others stay where they are. The growth of a whole is the mean of its parts'
-- growth, weighted by their shares a year before at constant prices, so the growth that x needs is g_x = (g_whole - sum
-- over the others of w_j g_j) / w_x. The whole is GRDP or sector II, its growth the target or what was observed; the
-- others keep their observed growth, or reach their own targets where they have one. Shares are those of the whole year
-- before in one price base, so a part of the year is extended to its end at its own pace.
with parts as (
    select
        'GRDP' as whole_sector_code,
        'sectors' as part_set,
        sector_code
    from {{ ref('sectors') }}
    where parent_sector_code = 'GRDP'
    union all
    select
        'GRDP' as whole_sector_code,
        'parts' as part_set,
        sector_code
    from {{ ref('sectors') }}
    where (parent_sector_code = 'GRDP' and sector_code <> 'II') or parent_sector_code = 'II'
    union all
    select
        'II' as whole_sector_code,
        'parts' as part_set,
        sector_code
    from {{ ref('sectors') }}
    where parent_sector_code = 'II'
),

year_levels as (
    select
        area_code,
        sector_code,
        calendar_year,
        value_constant_bn as level_bn,
        base_code,
        released_on,
        is_simulated
    from {{ ref('int_sector_growth') }}
    where period_type = 'year'
),

leading_targets as (
    select * from {{ ref('int_growth_targets') }}
    where is_leading_target and period_type = 'year'
),

target_years as (
    select distinct
        area_code,
        calendar_year
    from leading_targets
),

evidence as (
    select
        growth.area_code,
        growth.calendar_year,
        growth.period,
        growth.sector_code,
        growth.growth_yoy_pct,
        -- From the levels where they are known, with more decimals than are shown: small parts magnify rounding.
        cast(
            coalesce(
                try_cast(
                    round(
                        100
                        * (
                            cast(growth.level_constant_bn as double)
                            / cast(
                                case
                                    when growth.level_year_before_constant_bn > 0
                                        then growth.level_year_before_constant_bn
                                end as double
                            )
                            - 1
                        ),
                        8
                    ) as decimal(18, 8)
                ),
                growth.growth_yoy_pct
            ) as decimal(18, 8)
        ) as exact_growth_pct,
        growth.level_year_before_constant_bn,
        growth.level_constant_bn,
        {{ base_code('growth.base_year') }} as base_code,
        growth.released_on,
        growth.is_simulated
    from {{ ref('int_growth_evidence') }} as growth
    inner join target_years
        on
            growth.area_code = target_years.area_code
            and growth.calendar_year = target_years.calendar_year
    where growth.period_type in ('year', 'ytd')
),

periods as (
    select distinct
        area_code,
        calendar_year,
        period
    from evidence
),

-- Each part with its weight; a set counts only where the level a year before of every part is known.
weighed as (
    select
        periods.area_code,
        periods.calendar_year,
        periods.period,
        parts.whole_sector_code,
        parts.part_set,
        parts.sector_code,
        year_levels.level_bn,
        year_levels.base_code,
        evidence.growth_yoy_pct as observed_growth_pct,
        evidence.exact_growth_pct,
        case when year_levels.base_code = evidence.base_code then evidence.level_constant_bn end as level_constant_bn,
        case
            when year_levels.base_code = evidence.base_code then evidence.level_year_before_constant_bn
        end as level_year_before_constant_bn,
        leading_targets.target_growth_pct,
        coalesce(evidence.released_on, year_levels.released_on) as released_on,
        coalesce(evidence.is_simulated, false) or coalesce(year_levels.is_simulated, false) as is_simulated,
        sum(year_levels.level_bn) over (
            partition by periods.area_code, periods.period, parts.whole_sector_code, parts.part_set
        ) as whole_level_bn,
        count(year_levels.level_bn) over (
            partition by periods.area_code, periods.period, parts.whole_sector_code, parts.part_set
        ) as weighed_parts,
        count(*) over (
            partition by periods.area_code, periods.period, parts.whole_sector_code, parts.part_set
        ) as all_parts,
        min(year_levels.base_code) over (
            partition by periods.area_code, periods.period, parts.whole_sector_code, parts.part_set
        ) as first_base_code,
        max(year_levels.base_code) over (
            partition by periods.area_code, periods.period, parts.whole_sector_code, parts.part_set
        ) as last_base_code
    from periods
    cross join parts
    left join year_levels
        on
            periods.area_code = year_levels.area_code
            and periods.calendar_year - 1 = year_levels.calendar_year
            and parts.sector_code = year_levels.sector_code
    left join evidence
        on
            periods.area_code = evidence.area_code
            and periods.period = evidence.period
            and parts.sector_code = evidence.sector_code
    left join leading_targets
        on
            periods.area_code = leading_targets.area_code
            and periods.calendar_year = leading_targets.calendar_year
            and parts.sector_code = leading_targets.sector_code
),

whole_growth as (
    select
        periods.area_code,
        periods.period,
        leading_targets.sector_code as whole_sector_code,
        'target' as whole_basis,
        leading_targets.target_growth_pct as whole_growth_pct,
        false as is_simulated,
        cast(null as date) as released_on
    from periods
    inner join leading_targets
        on
            periods.area_code = leading_targets.area_code
            and periods.calendar_year = leading_targets.calendar_year
    union all
    select
        area_code,
        period,
        sector_code as whole_sector_code,
        'observed' as whole_basis,
        growth_yoy_pct as whole_growth_pct,
        is_simulated,
        released_on
    from evidence
),

scenarios as (
    select 'others_at_observed' as scenario
    union all
    select 'others_at_target' as scenario
),

assumed as (
    select
        weighed.*,
        scenarios.scenario,
        case scenarios.scenario
            when 'others_at_target' then coalesce(weighed.target_growth_pct, weighed.exact_growth_pct)
            else weighed.exact_growth_pct
        end as assumed_growth_pct
    from weighed
    cross join scenarios
    where
        weighed.weighed_parts = weighed.all_parts
        and weighed.first_base_code = weighed.last_base_code
        and weighed.level_bn > 0
),

-- Level a year before x growth, added up as exact numbers, so that the order of the parts changes nothing.
sums as (
    select
        mine.area_code,
        mine.calendar_year,
        mine.period,
        mine.whole_sector_code,
        mine.part_set,
        mine.scenario,
        mine.sector_code,
        mine.level_bn,
        mine.whole_level_bn,
        mine.observed_growth_pct,
        mine.assumed_growth_pct,
        mine.target_growth_pct,
        mine.level_constant_bn,
        mine.level_year_before_constant_bn,
        sum(
            try_cast(
                round(cast(others.level_bn as double) * cast(others.assumed_growth_pct as double), 6)
                as decimal(38, 6)
            )
        ) as others_sum,
        count(others.assumed_growth_pct) as others_known,
        mine.all_parts - 1 as others_needed,
        max(others.released_on) as released_on,
        {{ any_simulated('others.is_simulated or mine.is_simulated') }} as is_simulated,
        string_agg(
            case
                when mine.scenario = 'others_at_target' and others.target_growth_pct is null then others.sector_code
            end,
            ', '
            order by others.sector_code
        ) as others_without_target
    from assumed as mine
    inner join assumed as others
        on
            mine.area_code = others.area_code
            and mine.period = others.period
            and mine.whole_sector_code = others.whole_sector_code
            and mine.part_set = others.part_set
            and mine.scenario = others.scenario
            and mine.sector_code <> others.sector_code
    -- Sector II is solved for as one; where the others are solved for, its two parts are used.
    where mine.part_set = 'parts' or mine.sector_code = 'II'
    group by
        mine.area_code,
        mine.calendar_year,
        mine.period,
        mine.whole_sector_code,
        mine.part_set,
        mine.scenario,
        mine.sector_code,
        mine.level_bn,
        mine.whole_level_bn,
        mine.observed_growth_pct,
        mine.assumed_growth_pct,
        mine.target_growth_pct,
        mine.level_constant_bn,
        mine.level_year_before_constant_bn,
        mine.all_parts
),

needed as (
    select
        sums.*,
        whole_growth.whole_basis,
        whole_growth.whole_growth_pct,
        whole_growth.released_on as whole_released_on,
        whole_growth.is_simulated as is_whole_simulated,
        try_cast(
            round(
                (
                    cast(whole_growth.whole_growth_pct as double) * cast(sums.whole_level_bn as double)
                    - cast(sums.others_sum as double)
                )
                / cast(sums.level_bn as double),
                4
            ) as decimal(12, 4)
        ) as needed_growth_pct,
        case
            when sums.assumed_growth_pct is not null
                then
                    try_cast(
                        round(
                            (
                                cast(sums.others_sum as double)
                                + cast(sums.level_bn as double) * cast(sums.assumed_growth_pct as double)
                            )
                            / cast(sums.whole_level_bn as double),
                            4
                        ) as decimal(12, 4)
                    )
        end as whole_growth_in_scenario_pct
    from sums
    inner join whole_growth
        on
            sums.area_code = whole_growth.area_code
            and sums.period = whole_growth.period
            and sums.whole_sector_code = whole_growth.whole_sector_code
    where
        sums.others_known = sums.others_needed
        -- Where a whole and all its parts are observed there is nothing to solve for.
        and (
            whole_growth.whole_basis = 'target'
            or sums.scenario = 'others_at_target'
            or sums.observed_growth_pct is null
        )
),

with_rest as (
    select
        *,
        -- The same for the quarters that are left, where a part of the year is known in levels.
        case
            when not {{ is_year('period') }} and level_bn > level_year_before_constant_bn
                then
                    try_cast(
                        round(
                            100
                            * (
                                (
                                    (1 + cast(needed_growth_pct as double) / 100) * cast(level_bn as double)
                                    - cast(level_constant_bn as double)
                                )
                                / cast(level_bn - level_year_before_constant_bn as double)
                                - 1
                            ),
                            4
                        ) as decimal(12, 4)
                    )
        end as needed_growth_rest_pct
    from needed
),

-- Nothing can fall by more than 100 %.
judged as (
    select
        *,
        case
            when needed_growth_pct < -100 then 'what_if_not_possible_year'
            when needed_growth_rest_pct < -100 then 'what_if_not_possible_rest'
        end as reason_code
    from with_rest
)

select
    area_code,
    cast(calendar_year as integer) as target_year,
    period as evidence_period,
    whole_sector_code,
    whole_basis,
    scenario,
    sector_code,
    whole_growth_pct,
    cast(round(cast(level_bn as double) / cast(whole_level_bn as double), 4) as decimal(12, 4))
        as share_of_whole_year_before,
    case when reason_code is null then needed_growth_pct end as needed_growth_pct,
    observed_growth_pct,
    target_growth_pct,
    case when reason_code is null then needed_growth_rest_pct end as needed_growth_rest_pct,
    reason_code is null as is_possible,
    message_en(reason_code, '{}') as reason_en,
    message_vi(reason_code, '{}') as reason_vi,
    whole_growth_in_scenario_pct,
    others_without_target,
    case
        when whole_released_on > released_on or released_on is null then whole_released_on
        else released_on
    end as released_on,
    is_simulated or is_whole_simulated as is_simulated
from judged

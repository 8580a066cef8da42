-- What the rest of a target period needs where only the growth of its part is known: rest = (g - w * g_part) / (1 - w),
-- with w the share of the part in the level of the target period a year before. That share is not published, so a range
-- is taken (assumption): the area's own accounts, what its published growth of part, rest and whole of an earlier year
-- implies, w = (g_rest - g) / (g_rest - g_part), and the latest ten complete years of the country.
with parts as (
    select
        targets.directive,
        targets.item,
        targets.area_code,
        targets.sector_code,
        targets.period as target_period,
        targets.calendar_year,
        targets.last_month_of_year as target_last_month,
        targets.target_growth_pct,
        published.period,
        published.last_month_of_year,
        published.growth_yoy_pct,
        published.is_simulated
    from {{ ref('int_growth_targets') }} as targets
    inner join {{ ref('int_published_growth') }} as published
        on
            targets.area_code = published.area_code
            and targets.sector_code = published.sector_code
            and targets.calendar_year = published.calendar_year
            and targets.last_month_of_year > published.last_month_of_year
    where
        targets.period_type in ('year', 'ytd')
        and (
            published.period_type = 'ytd'
            or (published.period_type = 'quarter' and published.last_month_of_year = 3)
        )
),

-- Levels and published growth of periods that begin with the year, and of the quarters that end them.
own_levels as (
    select
        area_code,
        sector_code,
        calendar_year,
        last_month_of_year,
        cast(value_constant_bn as double) as level_bn,
        base_code,
        is_simulated
    from {{ ref('int_sector_growth') }}
    where period_type in ('year', 'ytd') or (period_type = 'quarter' and last_month_of_year = 3)
),

published_parts as (
    select
        area_code,
        sector_code,
        calendar_year,
        last_month_of_year,
        cast(growth_yoy_pct as double) as growth_pct,
        is_simulated
    from {{ ref('int_published_growth') }}
    where period_type in ('year', 'ytd') or (period_type = 'quarter' and last_month_of_year = 3)
),

published_rests as (
    select
        area_code,
        sector_code,
        calendar_year,
        last_month_of_year,
        cast(growth_yoy_pct as double) as growth_pct,
        is_simulated
    from {{ ref('int_published_growth') }}
    where period_type = 'quarter'
),

national as (
    select
        shares.sector_code,
        shares.calendar_year,
        months.last_month_of_year,
        cast(
            case months.last_month_of_year
                when 3 then shares.share_3m_pct
                when 6 then shares.share_6m_pct
                when 9 then shares.share_9m_pct
                else 100
            end
            as double
        ) as share_pct
    from {{ ref('national_part_shares') }} as shares
    cross join (values (3), (6), (9), (12)) as months (last_month_of_year)
),

weights as (
    select
        parts.directive,
        parts.item,
        parts.period,
        'own_accounts' as share_source,
        part_levels.calendar_year,
        part_levels.level_bn / nullif(whole_levels.level_bn, 0) as part_share
    from parts
    inner join own_levels as part_levels
        on
            parts.area_code = part_levels.area_code
            and parts.sector_code = part_levels.sector_code
            and parts.last_month_of_year = part_levels.last_month_of_year
            and parts.calendar_year > part_levels.calendar_year
            and {{ simulated_only_beside_simulated('parts', 'part_levels') }}
    inner join own_levels as whole_levels
        on
            parts.area_code = whole_levels.area_code
            and parts.sector_code = whole_levels.sector_code
            and parts.target_last_month = whole_levels.last_month_of_year
            and part_levels.calendar_year = whole_levels.calendar_year
            and part_levels.base_code = whole_levels.base_code
            and {{ simulated_only_beside_simulated('parts', 'whole_levels') }}
    union all
    select
        parts.directive,
        parts.item,
        parts.period,
        'own_published' as share_source,
        whole.calendar_year,
        (rests.growth_pct - whole.growth_pct) / nullif(rests.growth_pct - earlier.growth_pct, 0) as part_share
    from parts
    inner join published_parts as whole
        on
            parts.area_code = whole.area_code
            and parts.sector_code = whole.sector_code
            and parts.target_last_month = whole.last_month_of_year
            and parts.calendar_year > whole.calendar_year
            and {{ simulated_only_beside_simulated('parts', 'whole') }}
    inner join published_parts as earlier
        on
            whole.area_code = earlier.area_code
            and whole.sector_code = earlier.sector_code
            and whole.calendar_year = earlier.calendar_year
            and parts.last_month_of_year = earlier.last_month_of_year
            and {{ simulated_only_beside_simulated('parts', 'earlier') }}
    inner join published_rests as rests
        on
            whole.area_code = rests.area_code
            and whole.sector_code = rests.sector_code
            and whole.calendar_year = rests.calendar_year
            and whole.last_month_of_year = rests.last_month_of_year
            and earlier.last_month_of_year = rests.last_month_of_year - 3
            and {{ simulated_only_beside_simulated('parts', 'rests') }}
    union all
    select
        parts.directive,
        parts.item,
        parts.period,
        'national_accounts' as share_source,
        part_shares.calendar_year,
        part_shares.share_pct / whole_shares.share_pct as part_share
    from parts
    inner join national as part_shares
        on
            parts.sector_code = part_shares.sector_code
            and parts.last_month_of_year = part_shares.last_month_of_year
            and parts.calendar_year > part_shares.calendar_year
    inner join national as whole_shares
        on
            part_shares.sector_code = whole_shares.sector_code
            and part_shares.calendar_year = whole_shares.calendar_year
            and parts.target_last_month = whole_shares.last_month_of_year
),

-- A share implied by contradictory statements may be anything; one outside of 0 to 1 is ignored.
latest as (
    select
        directive,
        item,
        period,
        share_source,
        part_share,
        row_number() over (
            partition by directive, item, period, share_source
            order by calendar_year desc
        ) as row_number
    from weights
    where part_share > 0 and part_share < 1
),

ranges as (
    select
        directive,
        item,
        period,
        min(part_share) as share_low,
        max(part_share) as share_high,
        max(case when share_source = 'own_accounts' then 1 else 0 end) as has_own_accounts,
        max(case when share_source = 'own_published' then 1 else 0 end) as has_own_published,
        max(case when share_source = 'national_accounts' then 1 else 0 end) as has_national_accounts
    from latest
    where row_number <= 10
    group by directive, item, period
),

needed as (
    select
        parts.*,
        ranges.share_low,
        ranges.share_high,
        ranges.has_own_accounts,
        ranges.has_own_published,
        ranges.has_national_accounts,
        (cast(parts.target_growth_pct as double) - ranges.share_low * cast(parts.growth_yoy_pct as double))
        / (1 - ranges.share_low) as need_at_low_share,
        (cast(parts.target_growth_pct as double) - ranges.share_high * cast(parts.growth_yoy_pct as double))
        / (1 - ranges.share_high) as need_at_high_share
    from parts
    inner join ranges
        on
            parts.directive = ranges.directive
            and parts.item = ranges.item
            and parts.period = ranges.period
),

history as (
    select
        needed.directive,
        needed.item,
        needed.period,
        count(rests.growth_pct) as rest_growth_history_years,
        min(rests.growth_pct) as slowest_pct,
        max(rests.growth_pct) as fastest_pct
    from needed
    left join published_rests as rests
        on
            needed.area_code = rests.area_code
            and needed.sector_code = rests.sector_code
            and needed.calendar_year > rests.calendar_year
            and needed.target_last_month = rests.last_month_of_year
            and needed.last_month_of_year = rests.last_month_of_year - 3
            and {{ simulated_only_beside_simulated('needed', 'rests') }}
    group by needed.directive, needed.item, needed.period
),

rounded as (
    select
        *,
        try_cast(round(least(need_at_low_share, need_at_high_share), 4) as decimal(12, 4))
            as required_growth_rest_low_pct,
        try_cast(round(greatest(need_at_low_share, need_at_high_share), 4) as decimal(12, 4))
            as required_growth_rest_high_pct
    from needed
)

select
    rounded.directive,
    rounded.item,
    rounded.period,
    rounded.target_period,
    rounded.required_growth_rest_low_pct,
    rounded.required_growth_rest_high_pct,
    cast(round(100 * rounded.share_low, 4) as decimal(12, 4)) as part_share_low_pct,
    cast(round(100 * rounded.share_high, 4) as decimal(12, 4)) as part_share_high_pct,
    concat_ws(
        ' ',
        case when rounded.has_own_accounts = 1 then 'own_accounts' end,
        case when rounded.has_own_published = 1 then 'own_published' end,
        case when rounded.has_national_accounts = 1 then 'national_accounts' end
    ) as part_share_sources,
    cast(history.rest_growth_history_years as integer) as rest_growth_history_years,
    cast(round(history.slowest_pct, 4) as decimal(12, 4)) as rest_growth_history_min_pct,
    cast(round(history.fastest_pct, 4) as decimal(12, 4)) as rest_growth_history_max_pct,
    case
        when rounded.required_growth_rest_high_pct <= history.fastest_pct then true
        when rounded.required_growth_rest_low_pct > history.fastest_pct then false
    end as is_required_within_history,
    rounded.is_simulated
from rounded
inner join history
    on
        rounded.directive = history.directive
        and rounded.item = history.item
        and rounded.period = history.period

-- What sector II says of industry and construction where a part has no figure of its own. With a the share of industry
-- in sector II a year before at constant prices, g_II = a * g_IND + (1 - a) * g_CON. Where the other part is published,
-- this one follows; else it is told what construction would have grown by with industry at its threshold. An unknown a
-- is taken over a range (assumption).
with parts as (
    select
        items.directive,
        items.item,
        items.area_code,
        items.sector_code,
        items.comparator,
        items.threshold,
        items.period as target_period,
        cast(items.period as integer) as calendar_year
    from {{ ref('directive_items') }} as items
    inner join {{ ref('sectors') }} as sectors on items.sector_code = sectors.sector_code
    where
        items.threshold is not null
        and {{ is_year('items.period') }}
        and sectors.parent_sector_code = 'II'
),

pairs as (
    select
        directive,
        area_code,
        calendar_year,
        min(threshold) as lowest_threshold,
        max(case when sector_code = 'IND' then threshold end) as industry_threshold,
        string_agg(case when sector_code = 'IND' then item end, ', ' order by item) as industry_items,
        string_agg(case when sector_code = 'CON' then item end, ', ' order by item) as construction_items
    from parts
    group by directive, area_code, calendar_year
    having count(distinct sector_code) = 2
),

published as (
    select
        growth.area_code,
        growth.sector_code,
        growth.calendar_year,
        growth.period,
        growth.growth_yoy_pct,
        growth.released_on,
        growth.publisher,
        periods.last_day_on < {{ var('as_of') }} as is_over,
        growth.released_on <= periods.last_day_on as is_released_early,
        row_number() over (
            partition by growth.area_code, growth.sector_code, growth.calendar_year
            order by
                case when periods.last_day_on < {{ var('as_of') }} then 0 else 1 end asc,
                growth.last_month_of_year desc,
                growth.period_type desc
        ) as row_number
    from {{ ref('int_growth_evidence') }} as growth
    inner join {{ ref('int_periods') }} as periods on growth.period = periods.period
    where
        growth.sector_code in ('II', 'IND', 'CON')
        and growth.period_type in ('year', 'ytd')
        and not growth.is_simulated
),

shares as (
    select
        industry.area_code,
        industry.calendar_year + 1 as calendar_year,
        max(
            cast(industry.value_constant_bn as double)
            / cast(nullif(sector.value_constant_bn, 0) as double)
        ) as industry_share
    from {{ ref('int_sector_growth') }} as industry
    inner join {{ ref('int_sector_growth') }} as sector
        on
            industry.area_code = sector.area_code
            and industry.period = sector.period
            and industry.base_code = sector.base_code
            and sector.sector_code = 'II'
    where
        industry.sector_code = 'IND'
        and industry.period_type = 'year'
        and not industry.is_simulated
        and not sector.is_simulated
    group by industry.area_code, industry.calendar_year + 1
),

assumed as (
    select
        max(case when assumption = 'industry_share_low' then cast(assumed_value as double) end) as share_low,
        max(case when assumption = 'industry_share_high' then cast(assumed_value as double) end) as share_high
    from {{ ref('assumptions') }}
),

related as (
    select
        parts.directive,
        parts.item,
        parts.sector_code,
        parts.comparator,
        parts.threshold,
        pairs.industry_items,
        pairs.construction_items,
        pairs.industry_threshold,
        whole.period,
        whole.growth_yoy_pct,
        whole.released_on,
        whole.publisher,
        whole.is_over,
        whole.is_over and whole.is_released_early as is_released_early,
        whole.period = parts.target_period as is_whole_year,
        whole.growth_yoy_pct <= pairs.lowest_threshold as is_below_both,
        other.growth_yoy_pct as other_growth_pct,
        shares.industry_share,
        coalesce(shares.industry_share, assumed.share_low) as share_low,
        coalesce(shares.industry_share, assumed.share_high) as share_high,
        cast(whole.growth_yoy_pct as double) as whole_growth,
        -- The growth of the part that is known, or is assumed to be at its threshold.
        cast(coalesce(other.growth_yoy_pct, pairs.industry_threshold) as double) as given_growth,
        case when other.growth_yoy_pct is null then 'CON' else parts.sector_code end as followed_sector_code
    from parts
    inner join pairs
        on
            parts.directive = pairs.directive
            and parts.area_code = pairs.area_code
            and parts.calendar_year = pairs.calendar_year
    inner join published as whole
        on
            parts.area_code = whole.area_code
            and parts.calendar_year = whole.calendar_year
            and whole.sector_code = 'II'
            and whole.row_number = 1
    left join published as other
        on
            whole.area_code = other.area_code
            and whole.period = other.period
            and other.sector_code in ('IND', 'CON')
            and parts.sector_code <> other.sector_code
    left join shares
        on
            parts.area_code = shares.area_code
            and parts.calendar_year = shares.calendar_year
    cross join assumed
),

solved as (
    select
        *,
        case followed_sector_code
            when 'CON' then (whole_growth - share_low * given_growth) / nullif(1 - share_low, 0)
            else (whole_growth - (1 - share_low) * given_growth) / nullif(share_low, 0)
        end as growth_at_low_share,
        case followed_sector_code
            when 'CON' then (whole_growth - share_high * given_growth) / nullif(1 - share_high, 0)
            else (whole_growth - (1 - share_high) * given_growth) / nullif(share_high, 0)
        end as growth_at_high_share
    from related
),

measured as (
    select
        *,
        try_cast(round(least(growth_at_low_share, growth_at_high_share), 4) as decimal(12, 4)) as followed_low_pct,
        try_cast(round(greatest(growth_at_low_share, growth_at_high_share), 4) as decimal(12, 4)) as followed_high_pct
    from solved
),

judged as (
    select
        *,
        case
            when followed_low_pct > threshold or (followed_low_pct >= threshold and comparator = '>=')
                then 'relation_implied_reached'
            when followed_high_pct < threshold or (followed_high_pct <= threshold and comparator = '>')
                then 'relation_implied_below'
            else 'relation_implied_either'
        end as implied_code
    from measured
    where followed_low_pct is not null and followed_high_pct is not null
),

with_messages as (
    select
        directive,
        item,
        case when other_growth_pct is not null then followed_low_pct end as implied_growth_low_pct,
        case when other_growth_pct is not null then followed_high_pct end as implied_growth_high_pct,
        concat_ws(
            ' ',
            case
                when other_growth_pct is not null and is_over then 'relation_other_part'
                when other_growth_pct is not null then 'relation_other_part_forecast'
                when is_over then 'relation_sector_ii_only'
                else 'relation_sector_ii_forecast'
            end,
            case when is_released_early and is_whole_year then 'relation_released_early' end,
            case
                when other_growth_pct is not null then null
                when not is_below_both then null
                when not is_whole_year then 'relation_below_both_so_far'
                when is_over then 'relation_below_both'
                else 'relation_below_both_if_so'
            end,
            case
                when other_growth_pct is not null and industry_share is not null then 'relation_implied'
                when other_growth_pct is not null then 'relation_implied_range'
                else 'relation_formula'
            end,
            case
                when other_growth_pct is not null then implied_code
                when industry_share is null then 'relation_share_range'
                else 'relation_share'
            end
        ) as relation_reason_codes,
        -- what is published of the whole, beside a part that is known from other figures
        case
            when other_growth_pct is null and is_below_both and is_whole_year and is_over
                then concat_ws(' ', 'relation_sector_ii_beside', 'relation_below_both')
        end as sector_beside_codes,
        to_json({
            'industry_items': industry_items,
            'construction_items': construction_items,
            'period_when': period,
            'growth': growth_yoy_pct,
            'released_on': released_on,
            'publisher': publisher,
            'sector': sector_code,
            'threshold': threshold,
            'other_growth': other_growth_pct,
            'industry_share': cast(round(industry_share, 4) as decimal(12, 4)),
            'share_low': cast(round(share_low, 2) as decimal(12, 2)),
            'share_high': cast(round(share_high, 2) as decimal(12, 2)),
            'industry_threshold': industry_threshold,
            'followed_low': cast(round(followed_low_pct, 2) as decimal(12, 2)),
            'followed_high': cast(round(followed_high_pct, 2) as decimal(12, 2))
        }) as relation_reason_values
    from judged
)

select
    directive,
    item,
    implied_growth_low_pct,
    implied_growth_high_pct,
    message_en(relation_reason_codes, relation_reason_values) as relation_reason_en,
    message_vi(relation_reason_codes, relation_reason_values) as relation_reason_vi,
    message_en(sector_beside_codes, relation_reason_values) as sector_beside_en,
    message_vi(sector_beside_codes, relation_reason_values) as sector_beside_vi
from with_messages

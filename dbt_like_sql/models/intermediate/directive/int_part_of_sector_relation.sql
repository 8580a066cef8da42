-- g_CON = (g_II - a * g_IND) / (1 - a), with a the share of industry in sector II a year before at constant prices.
with parts as (
    select
        items.directive,
        items.item,
        items.area_code,
        items.sector_code,
        items.comparator,
        items.threshold,
        cast(items.period as integer) as calendar_year
    from {{ ref('directive_items') }} as items
    inner join {{ ref('sectors') }} as sectors on items.sector_code = sectors.sector_code
    where
        items.threshold is not null
        and length(items.period) = 4
        and sectors.parent_sector_code = 'II'
),

pairs as (
    select
        directive,
        area_code,
        calendar_year,
        min(threshold) as lowest_threshold,
        max(case when sector_code = 'IND' then threshold end) as industry_threshold,
        string_agg(item, ' and ' order by sector_code desc) as items_en,
        string_agg(item, ' và ' order by sector_code desc) as items_vi
    from parts
    group by directive, area_code, calendar_year
    having count(distinct sector_code) = 2
),

whole as (
    select
        area_code,
        calendar_year,
        period,
        growth_yoy_pct,
        estimate_stage,
        row_number() over (
            partition by area_code, calendar_year
            order by is_simulated asc, last_month_of_year desc, period_type desc
        ) as place
    from {{ ref('int_growth_evidence') }}
    where sector_code = 'II' and period_type in ('year', 'ytd') and not is_simulated
),

shares as (
    select
        industry.area_code,
        industry.calendar_year + 1 as calendar_year,
        max(
            cast(industry.value_constant_bn as double)
            / cast(nullif(sector.value_constant_bn, 0) as double)
        ) as industry_share
    from {{ ref('int_sector_levels') }} as industry
    inner join {{ ref('int_sector_levels') }} as sector
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

measured as (
    select
        parts.directive,
        parts.item,
        pairs.items_en,
        pairs.items_vi,
        pairs.industry_threshold,
        whole.period,
        whole.growth_yoy_pct,
        whole.growth_yoy_pct <= pairs.lowest_threshold as is_below_both,
        cast(round(shares.industry_share, 4) as decimal(12, 4)) as industry_share,
        cast(
            round(
                (
                    cast(whole.growth_yoy_pct as double)
                    - shares.industry_share * cast(pairs.industry_threshold as double)
                )
                / nullif(1 - shares.industry_share, 0),
                2
            ) as decimal(12, 2)
        ) as construction_growth_pct
    from parts
    inner join pairs
        on
            parts.directive = pairs.directive
            and parts.area_code = pairs.area_code
            and parts.calendar_year = pairs.calendar_year
    inner join whole
        on
            parts.area_code = whole.area_code
            and parts.calendar_year = whole.calendar_year
            and whole.place = 1
    left join shares
        on
            parts.area_code = shares.area_code
            and parts.calendar_year = shares.calendar_year
),

worded as (
    select
        directive,
        item,
        case
            when growth_yoy_pct is not null and (industry_share is null or construction_growth_pct is not null)
                then
                    concat_ws(
                        ' ',
                        'relation_sector_ii_only',
                        case when is_below_both then 'relation_below_both' end,
                        'relation_formula',
                        case when industry_share is null then 'relation_share_unknown' else 'relation_share' end
                    )
        end as relation_reason_codes,
        to_json({
            'items_vi': items_vi,
            'items_en': items_en,
            'period': period,
            'growth': growth_yoy_pct,
            'industry_share': industry_share,
            'industry_threshold': industry_threshold,
            'construction_growth': construction_growth_pct
        }) as relation_reason_values
    from measured
)

select
    directive,
    item,
    say_en(relation_reason_codes, relation_reason_values) as relation_reason_en,
    say_vi(relation_reason_codes, relation_reason_values) as relation_reason_vi
from worded

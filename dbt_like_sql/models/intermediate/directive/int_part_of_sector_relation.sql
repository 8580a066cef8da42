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
            cast(industry.value_constant_2010_bn as double)
            / cast(nullif(sector.value_constant_2010_bn, 0) as double)
        ) as industry_share
    from {{ ref('int_sector_levels') }} as industry
    inner join {{ ref('int_sector_levels') }} as sector
        on
            industry.area_code = sector.area_code
            and industry.period = sector.period
            and sector.sector_code = 'II'
    where
        industry.sector_code = 'IND'
        and industry.period_type = 'year'
        and not industry.is_simulated
        and not sector.is_simulated
    group by industry.area_code, industry.calendar_year + 1
),

worded as (
    select
        parts.directive,
        parts.item,
        pairs.items_en,
        pairs.items_vi,
        whole.period,
        whole.growth_yoy_pct <= pairs.lowest_threshold as is_below_both,
        shares.industry_share,
        regexp_replace(cast(whole.growth_yoy_pct as varchar), '[.]?0+$', '') as growth_text,
        regexp_replace(cast(pairs.industry_threshold as varchar), '[.]?0+$', '') as industry_text,
        regexp_replace(
            cast(cast(round(shares.industry_share, 4) as decimal(12, 4)) as varchar), '[.]?0+$', ''
        ) as share_text,
        regexp_replace(
            cast(
                cast(
                    round(
                        (
                            cast(whole.growth_yoy_pct as double)
                            - shares.industry_share * cast(pairs.industry_threshold as double)
                        )
                        / nullif(1 - shares.industry_share, 0),
                        2
                    ) as decimal(12, 2)
                ) as varchar
            ),
            '[.]?0+$',
            ''
        ) as construction_text
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
)

select
    directive,
    item,
    'Industry and construction are not split: only sector II is published, ' || growth_text || ' % for ' || period
    || case
        when is_below_both
            then
                '. That is below both thresholds, so at least one of the two targets (' || items_en
                || ') is missed on that estimate'
        else ''
    end
    || '. Growth of construction = (' || growth_text || ' - a x growth of industry) / (1 - a), '
    || 'a = share of industry in sector II a year before at constant prices'
    || case
        when industry_share is not null
            then
                ': a = ' || share_text || ', and with industry at its threshold of ' || industry_text
                || ' % construction would have grown by ' || construction_text || ' %'
        else ', which is not known'
    end as relation_reason_en,
    'Chưa tách được công nghiệp và xây dựng: mới công bố khu vực II, ' || replace(growth_text, '.', ',') || '% ('
    || period || ')'
    || case
        when is_below_both
            then
                '; mức này thấp hơn cả hai ngưỡng nên theo số ước đó ít nhất một trong hai chỉ tiêu (' || items_vi
                || ') không đạt'
        else ''
    end
    || '. Tăng trưởng xây dựng = (' || replace(growth_text, '.', ',') || ' - a x tăng trưởng công nghiệp) / (1 - a), '
    || 'a là tỷ trọng công nghiệp trong khu vực II năm trước theo giá so sánh'
    || case
        when industry_share is not null
            then
                ': a = ' || replace(share_text, '.', ',') || '; nếu công nghiệp đúng ngưỡng '
                || replace(industry_text, '.', ',') || '% thì xây dựng tăng ' || replace(construction_text, '.', ',')
                || '%'
        else ', hiện chưa biết'
    end as relation_reason_vi
from worded

-- Shares of aquaculture over the months of an item's period: damaged and high-technology area of the area stocked,
-- failed lots of the seed lots checked. The months covered and the rows left out are said.
with summed as (
    select
        directive,
        item,
        indicator,
        min(case when is_in_share then month end) as first_known_month,
        max(case when is_in_share then month end) as last_known_month,
        count(distinct case when is_in_share then month end) as months_known,
        max(item_months) as item_months,
        sum(case when is_in_share then part_value end) as part_value,
        sum(case when is_in_share then whole_value end) as whole_value,
        sum(warnings_issued) as warnings_issued,
        count(case when not is_in_share then 1 end) as rows_left_out,
        max(case when is_in_share and is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{ ref('int_aquaculture_item_rows') }}
    group by directive, item, indicator
),

newest as (
    select
        directive,
        item,
        delivery_id,
        released_on,
        row_number() over (
            partition by directive, item order by released_on desc, revision desc, delivery_id desc
        ) as place
    from {{ ref('int_aquaculture_item_rows') }}
    where is_in_share
),

worded as (
    select
        *,
        cast(cast(round(part_value, 0) as decimal(18, 0)) as varchar) as part_text,
        cast(cast(round(whole_value, 0) as decimal(18, 0)) as varchar) as whole_text,
        case when rows_left_out > 0 then cast(rows_left_out as varchar) end as left_out_text
    from summed
    where whole_value > 0
)

select
    worded.directive,
    worded.item,
    case
        when worded.indicator = 'shrimp_seed_lots_failed' then 'computed_from_counts' else 'computed_from_areas'
    end as evidence_basis,
    case
        when worded.first_known_month = worded.last_known_month then worded.first_known_month
        else worded.first_known_month || '..' || worded.last_known_month
    end as evidence_period,
    worded.months_known = worded.item_months as covers_target_period,
    cast(
        round(cast(worded.part_value as double) * 100 / cast(worded.whole_value as double), 4) as decimal(12, 4)
    ) as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    case worded.indicator
        when 'aquaculture_damaged_area'
            then
                worded.part_text || ' ha damaged of ' || worded.whole_text || ' ha stocked with shrimp, '
                || coalesce(cast(worded.warnings_issued as varchar), 'an unknown number of') || ' warnings issued'
        when 'aquaculture_high_technology_area'
            then worded.part_text || ' ha with high technology of ' || worded.whole_text || ' ha stocked, all species'
        else worded.part_text || ' lots failed of ' || worded.whole_text || ' lots of shrimp seed checked'
    end
    || ', ' || cast(worded.months_known as varchar) || ' of ' || cast(worded.item_months as varchar) || ' months'
    || coalesce('; rows left out because a figure is missing: ' || worded.left_out_text, '') as detail_en,
    case worded.indicator
        when 'aquaculture_damaged_area'
            then
                'thiệt hại ' || worded.part_text || ' ha trên ' || worded.whole_text || ' ha tôm thả nuôi, '
                || coalesce(cast(worded.warnings_issued as varchar), 'chưa rõ số') || ' bản tin cảnh báo'
        when 'aquaculture_high_technology_area'
            then worded.part_text || ' ha công nghệ cao trên ' || worded.whole_text || ' ha thả nuôi, mọi đối tượng'
        else worded.part_text || ' lô không đạt trên ' || worded.whole_text || ' lô tôm giống kiểm tra'
    end
    || ', ' || cast(worded.months_known as varchar) || '/' || cast(worded.item_months as varchar) || ' tháng'
    || coalesce('; không tính ' || worded.left_out_text || ' dòng thiếu số liệu', '') as detail_vi,
    newest.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    worded.is_simulated
from worded
inner join newest
    on
        worded.directive = newest.directive
        and worded.item = newest.item
        and newest.place = 1
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id

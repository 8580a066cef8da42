-- The peak season on the same months a year before. The value of exports in US dollars speaks where it is known:
-- exports are the end of what the letter asks for, counted whole at the border, while processing is what the larger
-- enterprises report, at current prices. Without exports, processing speaks; simulated never displaces real. Both are
-- told, exports in tonnes too, so that a rise of prices is not taken for one of volume.
with sums as (
    select
        directive,
        item,
        feed,
        min(compared_month) as first_known_month,
        max(compared_month) as last_known_month,
        count(distinct compared_month) as months_known,
        max(item_months) as item_months,
        sum(case when evidence_role = 'value' then season_value end) as value_now,
        sum(case when evidence_role = 'year_before' then season_value end) as value_before,
        case when count(tonnes) = count(*) then sum(case when evidence_role = 'value' then tonnes end) end
            as tonnes_now,
        case when count(tonnes) = count(*) then sum(case when evidence_role = 'year_before' then tonnes end) end
            as tonnes_before,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{ ref('int_seafood_item_rows') }}
    group by directive, item, feed
),

grown as (
    select
        *,
        case
            when first_known_month = last_known_month then first_known_month
            else first_known_month || '..' || last_known_month
        end as months_text,
        try_cast(
            round((cast(value_now as double) / cast(value_before as double) - 1) * 100, 4) as decimal(12, 4)
        ) as growth_pct,
        try_cast(
            round((cast(tonnes_now as double) / cast(nullif(tonnes_before, 0) as double) - 1) * 100, 1)
            as decimal(12, 1)
        ) as tonnes_growth_pct
    from sums
    where value_before > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item order by feed desc
        ) as place
    from grown
),

rounded as (
    select
        *,
        cast(cast(round(value_now / 1000000, 1) as decimal(18, 1)) as varchar) as now_text,
        cast(cast(round(value_before / 1000000, 1) as decimal(18, 1)) as varchar) as before_text,
        case when growth_pct < 0 then 'down ' else 'up ' end
        || cast(cast(round(abs(growth_pct), 1) as decimal(12, 1)) as varchar) || ' %' as growth_en,
        case when growth_pct < 0 then 'giảm ' else 'tăng ' end
        || replace(cast(cast(round(abs(growth_pct), 1) as decimal(12, 1)) as varchar), '.', ',') || '%' as growth_vi,
        case when tonnes_growth_pct < 0 then 'down ' else 'up ' end
        || cast(abs(tonnes_growth_pct) as varchar) || ' %' as tonnes_en,
        case when tonnes_growth_pct < 0 then 'giảm ' else 'tăng ' end
        || replace(cast(abs(tonnes_growth_pct) as varchar), '.', ',') || '%' as tonnes_vi,
        case when length(months_text) = 16 then 'từ tháng ' else 'trong tháng ' end
        || substr(months_text, 6, 2) || '/' || substr(months_text, 1, 4)
        || case
            when length(months_text) = 16
                then ' đến tháng ' || substr(months_text, 15, 2) || '/' || substr(months_text, 10, 4)
            else ''
        end as months_vi
    from grown
),

texts as (
    select
        directive,
        item,
        max(
            case
                when feed = 'seafood_exports'
                    then
                        'exports ' || now_text || ' mn USD in ' || months_text || ' against ' || before_text
                        || coalesce(', tonnage ' || tonnes_en, ', tonnage not known')
            end
        ) as exports_en,
        max(
            case
                when feed = 'seafood_exports'
                    then
                        'xuất khẩu ' || replace(now_text, '.', ',') || ' triệu USD ' || months_vi || ', cùng kỳ '
                        || replace(before_text, '.', ',') || ' triệu USD'
                        || coalesce(', khối lượng ' || tonnes_vi, ', chưa rõ khối lượng')
            end
        ) as exports_vi,
        max(
            case when feed = 'industry_output' then 'value processed ' || growth_en || ' in ' || months_text end
        ) as processing_en,
        max(
            case
                when feed = 'industry_output'
                    then 'giá trị chế biến ' || growth_vi || ' ' || months_vi
            end
        ) as processing_vi
    from rounded
    group by directive, item
),

newest as (
    select
        directive,
        item,
        feed,
        delivery_id,
        released_on,
        row_number() over (
            partition by directive, item, feed order by released_on desc, revision desc, delivery_id desc
        ) as place
    from {{ ref('int_seafood_item_rows') }}
)

select
    ranked.directive,
    ranked.item,
    case ranked.feed when 'seafood_exports' then 'computed_from_exports' else 'computed_from_output' end
        as evidence_basis,
    ranked.months_text as evidence_period,
    ranked.months_known = ranked.item_months as covers_target_period,
    ranked.growth_pct as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    case ranked.feed when 'seafood_exports' then 'value of exports' else 'value processed' end
    || ' on the same months a year before: ' || coalesce(texts.exports_en, 'exports not known') || '; '
    || coalesce(texts.processing_en, 'processing not known') as detail_en,
    case ranked.feed when 'seafood_exports' then 'trị giá xuất khẩu' else 'giá trị chế biến' end
    || ' so với cùng kỳ năm trước: ' || coalesce(texts.exports_vi, 'chưa có số liệu xuất khẩu') || '; '
    || coalesce(texts.processing_vi, 'chưa có số liệu chế biến') as detail_vi,
    newest.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    ranked.is_simulated
from ranked
inner join texts
    on
        ranked.directive = texts.directive
        and ranked.item = texts.item
inner join newest
    on
        ranked.directive = newest.directive
        and ranked.item = newest.item
        and ranked.feed = newest.feed
        and newest.place = 1
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
where ranked.place = 1

-- Trade: retail sales and consumer services lead, over the months of the period that are known, with the same months a
-- year before. Published figures come before simulated months. Shown with them: exports as published, the promotion
-- events held of those due by the plan (others are named and not counted), and the support of trade.
with items as (
    select
        directive,
        item,
        area_code,
        first_on,
        last_on
    from {{ ref('int_item_spans') }}
    where indicator = 'trade_promotion'
),

retail as (
    select
        items.directive,
        items.item,
        min(months.month) as first_month,
        max(months.month) as last_month,
        max(months.month) = {{ month_of('max(items.last_on)') }} as is_over,
        sum(months.value_bn) as value_bn,
        case when count(months.value_year_before_bn) = count(*) then sum(months.value_year_before_bn) end
            as value_year_before_bn,
        max(months.released_on) as released_on,
        {{ any_simulated('months.is_simulated') }} as is_simulated
    from items
    inner join {{ ref('retail_services_monthly') }} as months
        on
            items.area_code = months.area_code
            and months.month between {{ month_of('items.first_on') }}
            and {{ month_of('items.last_on') }}
    inner join {{ ref('service_groups') }} as known
        on
            months.service_group = known.service_group
            and known.is_total
    group by items.directive, items.item
),

newest_retail as (
    select
        retail.directive,
        retail.item,
        max(months.delivery_id) as delivery_id
    from retail
    inner join items
        on
            retail.directive = items.directive
            and retail.item = items.item
    inner join {{ ref('retail_services_monthly') }} as months
        on
            items.area_code = months.area_code
            and months.month between retail.first_month and retail.last_month
            and retail.released_on = months.released_on
    inner join {{ ref('service_groups') }} as known
        on
            months.service_group = known.service_group
            and known.is_total
    group by retail.directive, retail.item
),

events as (
    select
        rows.directive,
        rows.item,
        count(case when rows.is_due then 1 end) as n_due,
        count(case when rows.is_due and rows.is_done then 1 end) as n_done,
        count(case when not rows.is_planned then 1 end) as n_unplanned,
        min(rows.first_on) as first_on,
        min(least(rows.known_until_on, rows.last_on)) as until_on,
        max(rows.released_on) as released_on,
        max(rows.delivery_id) as delivery_id,
        {{ any_simulated('rows.is_simulated') }} as is_simulated
    from {{ ref('int_item_events') }} as rows
    inner join items
        on
            rows.directive = items.directive
            and rows.item = items.item
    group by rows.directive, rows.item
    having count(case when rows.is_due then 1 end) > 0
),

supported as (
    select
        items.directive,
        items.item,
        months.kind,
        sum(months.count) as n_supported,
        sum(months.value_usd) as value_usd,
        max(months.month) as last_month,
        {{ any_simulated('months.is_simulated') }} as is_simulated
    from items
    inner join {{ ref('stg_trade_support') }} as months
        on
            months.month between {{ month_of('items.first_on') }}
            and {{ month_of('items.last_on') }}
    group by items.directive, items.item, months.kind
),

support as (
    select
        directive,
        item,
        to_json({
            'kind': kind,
            'n_supported': cast(n_supported as bigint),
            'value_mn_usd': cast(round(value_usd / 1000000, 1) as decimal(18, 1))
        }) as support_values,
        concat_ws(
            ' ',
            case when n_supported is not null then 'trade_support_count' end,
            'trade_support_kind',
            case when value_usd is not null then 'trade_support_value' end
        ) as support_codes,
        kind,
        is_simulated
    from supported
),

listed as (
    select
        directive,
        item,
        string_agg(message_en(support_codes, support_values), ', ' order by kind) as support_en,
        string_agg(message_vi(support_codes, support_values), ', ' order by kind) as support_vi,
        {{ any_simulated('is_simulated') }} as is_simulated
    from support
    group by directive, item
),

headlines as (
    select
        items.directive,
        items.item,
        case
            when not retail.is_simulated then 'counted'
            when published.item is not null then 'published'
            when retail.item is not null then 'counted'
            else 'none'
        end as headline,
        retail.first_month,
        retail.last_month,
        retail.is_over,
        retail.value_bn,
        retail.value_year_before_bn,
        retail.released_on as counted_on,
        newest_retail.delivery_id as counted_delivery_id,
        retail.item is not null as is_counted,
        published.evidence_period as retail_period,
        published.value as retail_bn,
        published.published_year_before as retail_year_before_bn,
        published.growth_of_published_pct as retail_growth_pct,
        published.is_whole,
        published.released_on as retail_on,
        published.publisher as retail_publisher,
        published.delivery_id as retail_delivery_id,
        announced.evidence_period as announced_period,
        announced.value as announced_bn,
        announced.released_on as announced_on,
        announced.publisher as announced_by,
        exports.evidence_period as exports_period,
        exports.value as exports_mn_usd,
        exports.growth_of_published_pct as exports_growth_pct,
        coalesce(events.released_on, exports.released_on, announced.released_on) as beside_on,
        coalesce(events.delivery_id, exports.delivery_id, announced.delivery_id) as beside_delivery_id,
        case when events.item is null then coalesce(exports.publisher, announced.publisher) end as beside_publisher,
        events.n_due,
        events.n_done,
        events.n_unplanned,
        events.first_on as events_first_on,
        events.until_on as events_until_on,
        listed.support_en,
        listed.support_vi,
        coalesce(events.is_simulated, false) or coalesce(listed.is_simulated, false) as is_beside_simulated,
        coalesce(retail.is_simulated, false) as is_retail_simulated,
        coalesce(published.is_simulated, false) as is_published_simulated
    from items
    left join retail
        on
            items.directive = retail.directive
            and items.item = retail.item
    left join newest_retail
        on
            items.directive = newest_retail.directive
            and items.item = newest_retail.item
    left join {{ ref('int_item_published_figures') }} as published
        on
            items.directive = published.directive
            and items.item = published.item
            and published.published_indicator = 'retail_services'
            and not published.is_forecast
    left join {{ ref('int_item_published_figures') }} as announced
        on
            items.directive = announced.directive
            and items.item = announced.item
            and announced.published_indicator = 'retail_services'
            and announced.is_forecast
    left join {{ ref('int_item_published_figures') }} as exports
        on
            items.directive = exports.directive
            and items.item = exports.item
            and exports.published_indicator = 'exports'
            and not exports.is_forecast
    left join events
        on
            items.directive = events.directive
            and items.item = events.item
    left join listed
        on
            items.directive = listed.directive
            and items.item = listed.item
    where
        retail.item is not null
        or published.item is not null
        or announced.item is not null
        or exports.item is not null
        or events.item is not null
),

-- How much a headline has grown: what is published of both years, else what was counted of the same months.
with_growth as (
    select
        *,
        case
            when headline = 'published' then retail_growth_pct
            when headline = 'counted'
                then
                    try_cast(
                        round(
                            100 * (cast(value_bn as double) / cast(nullif(value_year_before_bn, 0) as double) - 1), 2
                        ) as decimal(12, 2)
                    )
        end as headline_growth_pct
    from headlines
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            case headline
                when 'counted' then 'trade_retail'
                when 'published' then 'trade_retail_published'
                else 'trade_retail_unknown'
            end,
            case when headline_growth_pct is not null then 'trade_retail_growth' end,
            case when announced_bn is not null and headline <> 'counted' then 'trade_retail_announced' end,
            case when exports_mn_usd is not null then 'trade_exports' end,
            case when exports_mn_usd is not null and exports_growth_pct is not null then 'trade_exports_growth' end,
            case when headline = 'published' and is_beside_simulated then 'trade_beside_simulated' end,
            case when n_due is not null then 'events_held' end,
            case when n_unplanned > 0 then 'events_unplanned' end,
            case when support_en is not null then 'trade_support_listed' end
        ) as detail_codes,
        to_json({
            'n_done': n_done,
            'n_due': n_due,
            'n_unplanned': n_unplanned,
            'retail_moved': case when headline_growth_pct >= 0 then 'up' else 'down' end,
            'retail_change_pct': abs(headline_growth_pct),
            'announced_bn': cast(round(announced_bn, 0) as bigint),
            'announced_when': announced_period,
            'announced_on': announced_on,
            'announced_by': announced_by,
            'exports_mn_usd': cast(round(exports_mn_usd, 1) as decimal(18, 1)),
            'exports_when': exports_period,
            'exports_moved': case when exports_growth_pct >= 0 then 'up' else 'down' end,
            'exports_change_pct': abs(exports_growth_pct),
            'support_en': support_en,
            'support_vi': support_vi
        }) as detail_values
    from with_growth
)

select
    evidence.directive,
    evidence.item,
    case evidence.headline
        when 'counted' then 'computed_from_levels'
        when 'published' then 'published_level'
        else 'computed_from_counts'
    end as evidence_basis,
    case
        when evidence.headline = 'published' then evidence.retail_period
        when evidence.headline = 'none' and evidence.n_due is null
            then coalesce(evidence.exports_period, evidence.announced_period)
        when evidence.headline = 'none'
            then
                {{ month_span('evidence.events_first_on', 'evidence.events_until_on') }}
        else {{ span_of('evidence.first_month', 'evidence.last_month') }}
    end as evidence_period,
    case evidence.headline
        when 'counted' then evidence.is_over
        when 'published' then evidence.is_whole
        else false
    end as covers_target_period,
    cast(
        case evidence.headline when 'counted' then evidence.value_bn when 'published' then evidence.retail_bn end
        as decimal(12, 4)
    ) as actual,
    cast(
        case evidence.headline
            when 'counted' then evidence.value_year_before_bn
            when 'published' then evidence.retail_year_before_bn
        end as decimal(12, 4)
    ) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    case evidence.headline
        when 'counted' then evidence.counted_on
        when 'published' then evidence.retail_on
        else evidence.beside_on
    end as released_on,
    case evidence.headline
        when 'counted' then deliveries.supplier
        when 'published' then evidence.retail_publisher
        else coalesce(evidence.beside_publisher, deliveries.supplier)
    end as publisher,
    case evidence.headline
        when 'counted' then evidence.counted_delivery_id
        when 'published' then evidence.retail_delivery_id
        else evidence.beside_delivery_id
    end as delivery_id,
    evidence.is_beside_simulated
    or evidence.is_published_simulated
    or (evidence.headline = 'counted' and evidence.is_retail_simulated) as is_simulated
from with_messages as evidence
left join {{ ref('stg_deliveries') }} as deliveries
    on
        case evidence.headline when 'counted' then evidence.counted_delivery_id else evidence.beside_delivery_id end
        = deliveries.delivery_id

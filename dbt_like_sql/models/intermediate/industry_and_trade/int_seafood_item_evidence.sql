-- The peak season compared with the same months a year before. The value of exports in US dollars counts where it is
-- known: exports are what the letter asks for in the end, counted in full at the border, while processing is what the
-- larger enterprises report, at current prices. Without exports, processing counts; simulated figures never displace
-- real ones. Both are shown, exports in tonnes too, so that a rise in prices is not taken for one in volume. Published
-- exports are those of the whole province and are given with it; alone they give no growth of seafood, so there is no
-- figure.
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
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_seafood_item_rows') }}
    where not is_year_before
    group by directive, item, feed
),

before as (
    select
        directive,
        item,
        feed,
        count(distinct compared_month) as months_known,
        try_cast(
            round(
                100 * (
                    cast(sum(case when evidence_role = 'value' then season_value end) as double)
                    / cast(nullif(sum(case when evidence_role = 'year_before' then season_value end), 0) as double) - 1
                ), 4
            ) as decimal(12, 4)
        ) as growth_pct
    from {{ ref('int_seafood_item_rows') }}
    where is_year_before
    group by directive, item, feed
),

grown as (
    select
        *,
        {{ span_of('first_known_month', 'last_known_month') }} as months_text,
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
        ) as row_number
    from grown
),

beside as (
    select
        directive,
        item,
        max(case when feed = 'seafood_exports' then months_text end) as exports_period,
        max(case when feed = 'seafood_exports' then months_known end) as exports_months,
        max(case when feed = 'seafood_exports' then value_now end) as exports_now,
        max(case when feed = 'seafood_exports' then value_before end) as exports_before,
        max(case when feed = 'seafood_exports' then tonnes_growth_pct end) as tonnes_growth_pct,
        max(case when feed = 'industry_output' then months_text end) as processing_period,
        max(case when feed = 'industry_output' then months_known end) as processing_months,
        max(case when feed = 'industry_output' then growth_pct end) as processing_growth_pct
    from grown
    group by directive, item
),

with_messages as (
    select
        ranked.*,
        concat_ws(
            ' ',
            case when ranked.feed = 'seafood_exports' then 'seafood_by_exports' else 'seafood_by_processing' end,
            case when beside.exports_now is null then 'seafood_exports_unknown' else 'seafood_exports_known' end,
            case
                when beside.exports_now is null then null
                when beside.tonnes_growth_pct is null then 'seafood_tonnage_unknown'
                when beside.tonnes_growth_pct < 0 then 'seafood_tonnage_down'
                else 'seafood_tonnage_up'
            end,
            case
                when beside.processing_growth_pct is null then 'seafood_processing_unknown'
                when beside.processing_growth_pct < 0 then 'seafood_processing_down'
                else 'seafood_processing_up'
            end,
            case when published.item is not null then 'seafood_published_beside' end
        ) as detail_codes,
        to_json({
            'exports_mn_usd': cast(round(beside.exports_now / 1000000, 1) as decimal(18, 1)),
            'exports_before_mn_usd': cast(round(beside.exports_before / 1000000, 1) as decimal(18, 1)),
            'exports_when': beside.exports_period,
            'exports_months': beside.exports_months,
            'tonnage_change_pct': abs(beside.tonnes_growth_pct),
            'processing_change_pct': cast(round(abs(beside.processing_growth_pct), 1) as decimal(12, 1)),
            'processing_when': beside.processing_period,
            'processing_months': beside.processing_months,
            'published_mn_usd': cast(round(published.value, 1) as decimal(18, 1)),
            'published_when': published.evidence_period
        }) as detail_values
    from ranked
    left join {{ ref('int_item_published_figures') }} as published
        on
            ranked.directive = published.directive
            and ranked.item = published.item
            and not published.is_forecast
    inner join beside
        on
            ranked.directive = beside.directive
            and ranked.item = beside.item
    where ranked.row_number = 1
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
        ) as row_number
    from {{ ref('int_seafood_item_rows') }}
    where not is_year_before
)

select
    with_messages.directive,
    with_messages.item,
    case with_messages.feed when 'seafood_exports' then 'computed_from_exports' else 'computed_from_output' end
        as evidence_basis,
    with_messages.months_text as evidence_period,
    with_messages.months_known = with_messages.item_months as covers_target_period,
    with_messages.growth_pct as actual,
    before.growth_pct as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(with_messages.detail_codes, with_messages.detail_values) as detail_en,
    message_vi(with_messages.detail_codes, with_messages.detail_values) as detail_vi,
    newest.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    with_messages.is_simulated
from with_messages
inner join newest
    on
        with_messages.directive = newest.directive
        and with_messages.item = newest.item
        and with_messages.feed = newest.feed
        and newest.row_number = 1
left join before
    on
        with_messages.directive = before.directive
        and with_messages.item = before.item
        and with_messages.feed = before.feed
        and with_messages.months_known = before.months_known
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id
union all
select
    published.directive,
    published.item,
    'published_level' as evidence_basis,
    published.evidence_period,
    false as covers_target_period,
    cast(null as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en('seafood_published', to_json({
        'published_mn_usd': cast(round(published.value, 1) as decimal(18, 1)),
        'published_when': published.evidence_period
    })) as detail_en,
    message_vi('seafood_published', to_json({
        'published_mn_usd': cast(round(published.value, 1) as decimal(18, 1)),
        'published_when': published.evidence_period
    })) as detail_vi,
    published.released_on,
    published.publisher,
    published.delivery_id,
    published.is_simulated
from {{ ref('int_item_published_figures') }} as published
inner join {{ ref('int_item_spans') }} as spans
    on
        published.directive = spans.directive
        and published.item = spans.item
        and spans.indicator = 'seafood_processing_and_exports'
left join ranked
    on
        published.directive = ranked.directive
        and published.item = ranked.item
where not published.is_forecast and ranked.item is null

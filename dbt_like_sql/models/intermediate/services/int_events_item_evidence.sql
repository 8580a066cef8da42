-- Trade promotion: how many of the events that were due by the plan were held. Events outside the plan are told and not
-- counted. Retail sales on a year before stand beside it, over the months known in both years.
with events as (
    select
        rows.directive,
        rows.item,
        min(rows.first_on) as first_on,
        min(least(rows.known_until_on, rows.last_on)) as until_on,
        min(case when rows.known_until_on >= rows.last_on then 1 else 0 end) = 1 as is_over,
        count(case when rows.is_due then 1 end) as n_due,
        count(case when rows.is_due and rows.is_done then 1 end) as n_done,
        count(case when not rows.is_planned then 1 end) as n_unplanned,
        max(rows.released_on) as released_on,
        max(case when rows.is_simulated then 1 else 0 end) as simulated
    from {{ ref('int_item_events') }} as rows
    inner join {{ ref('int_item_spans') }} as spans
        on
            rows.directive = spans.directive
            and rows.item = spans.item
    where spans.indicator = 'trade_promotion'
    group by rows.directive, rows.item
),

newest as (
    select
        directive,
        item,
        max(delivery_id) as delivery_id
    from (
        select
            rows.directive,
            rows.item,
            rows.delivery_id,
            rows.released_on,
            max(rows.released_on) over (partition by rows.directive, rows.item) as newest_on
        from {{ ref('int_item_events') }} as rows
    ) as dated
    where released_on = newest_on
    group by directive, item
),

retail as (
    select
        spans.directive,
        spans.item,
        min(months.month) as first_month,
        max(months.month) as last_month,
        sum(months.value_bn) as value_bn,
        sum(months.value_year_before_bn) as value_year_before_bn,
        max(case when months.is_simulated then 1 else 0 end) as simulated
    from {{ ref('int_item_spans') }} as spans
    inner join {{ ref('retail_services_monthly') }} as months
        on
            spans.area_code = months.area_code
            and months.month between {{ month_of('spans.first_on') }}
            and {{ month_of('spans.last_on') }}
    inner join {{ ref('service_groups') }} as known
        on
            months.service_group = known.service_group
            and known.is_total
    where spans.indicator = 'trade_promotion' and months.value_year_before_bn > 0
    group by spans.directive, spans.item
),

stated as (
    select
        events.*,
        newest.delivery_id,
        {{ months_of('events.first_on', 'events.until_on') }} as evidence_period,
        greatest(events.simulated, coalesce(retail.simulated, 0)) = 1 as is_simulated,
        retail.first_month as retail_first_month,
        retail.last_month as retail_last_month,
        cast(
            round(100 * (cast(retail.value_bn as double) / cast(retail.value_year_before_bn as double) - 1), 2)
            as decimal(12, 2)
        ) as retail_growth_pct
    from events
    inner join newest
        on
            events.directive = newest.directive
            and events.item = newest.item
    left join retail
        on
            events.directive = retail.directive
            and events.item = retail.item
    where events.n_due > 0
),

worded as (
    select
        *,
        concat_ws(
            ' ',
            'events_held',
            case when n_unplanned > 0 then 'events_unplanned' end,
            case when retail_growth_pct is not null then 'events_retail' end,
            case when retail_first_month < retail_last_month then 'events_retail_until' end
        ) as detail_codes,
        to_json({
            'n_done': n_done,
            'n_due': n_due,
            'n_unplanned': n_unplanned,
            'retail_growth_pct': retail_growth_pct,
            'retail_first_on': cast(retail_first_month || '-01' as date),
            'retail_last_on': cast(retail_last_month || '-01' as date)
        }) as detail_values
    from stated
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    evidence.evidence_period,
    evidence.is_over as covers_target_period,
    cast(round(100 * cast(evidence.n_done as double) / evidence.n_due, 4) as decimal(12, 4)) as actual,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as exact_difference,
    say_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    say_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    evidence.is_simulated
from worded as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id

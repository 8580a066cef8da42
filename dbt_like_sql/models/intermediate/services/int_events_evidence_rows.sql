-- Retail sales and those of a year before, events held and due, trade support, and what was published.
select
    events.directive,
    events.item,
    'promotion_events' as feed,
    {{ source_row_of('events') }},
    case when events.is_done then 'numerator' else 'denominator' end as evidence_role,
    events.is_simulated
from {{ ref('int_item_events') }} as events
inner join {{ ref('int_item_spans') }} as spans
    on
        events.directive = spans.directive
        and events.item = spans.item
where spans.indicator = 'trade_promotion' and events.is_due
union all
select
    spans.directive,
    spans.item,
    'retail_services' as feed,
    {{ source_row_of('figures') }},
    case when figures.month = months.month then 'value' else 'year_before' end as evidence_role,
    figures.is_simulated
from {{ ref('int_item_spans') }} as spans
inner join {{ ref('retail_services_monthly') }} as months
    on
        spans.area_code = months.area_code
        and months.month between {{ month_of('spans.first_on') }}
        and {{ month_of('spans.last_on') }}
inner join {{ ref('int_events_item_evidence') }} as shown
    on
        spans.directive = shown.directive
        and spans.item = shown.item
inner join {{ ref('service_groups') }} as known
    on
        months.service_group = known.service_group
        and known.is_total
inner join {{ ref('stg_retail_services') }} as figures
    on
        months.area_code = figures.area_code
        and months.service_group = figures.service_group
        and (
            figures.month = months.month
            or figures.month
            = {{ year_before('months.month') }}
        )
where spans.indicator = 'trade_promotion'
union all
{{ published_evidence_rows() }}
inner join {{ ref('int_item_spans') }} as spans
    on
        published.directive = spans.directive
        and published.item = spans.item
where spans.indicator = 'trade_promotion'
union all
select
    spans.directive,
    spans.item,
    'trade_support' as feed,
    {{ source_row_of('months') }},
    'support' as evidence_role,
    months.is_simulated
from {{ ref('int_item_spans') }} as spans
inner join {{ ref('stg_trade_support') }} as months
    on
        months.month between {{ month_of('spans.first_on') }}
        and {{ month_of('spans.last_on') }}
where spans.indicator = 'trade_promotion'

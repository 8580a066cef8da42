-- The months of the period, the same months a year before, the festivals due, and what was published.
select
    spans.directive,
    spans.item,
    'tourism' as feed,
    figures.delivery_id,
    figures.source_file,
    figures.source_sheet,
    figures.source_row,
    case when figures.month = now.month then 'value' else 'year_before' end as evidence_role,
    figures.is_simulated
from {{ ref('int_item_spans') }} as spans
inner join {{ ref('tourism_monthly') }} as now
    on
        spans.area_code = now.area_code
        and now.month between {{ month_of('spans.first_on') }}
        and {{ month_of('spans.last_on') }}
inner join {{ ref('stg_tourism') }} as figures
    on
        figures.month = now.month
        or figures.month = {{ year_before('now.month') }}
where spans.indicator = 'tourism_visitors'
union all
select
    events.directive,
    events.item,
    'promotion_events' as feed,
    events.delivery_id,
    events.source_file,
    events.source_sheet,
    events.source_row,
    case when events.is_done then 'numerator' else 'denominator' end as evidence_role,
    events.is_simulated
from {{ ref('int_item_events') }} as events
inner join {{ ref('int_tourism_item_evidence') }} as shown
    on
        events.directive = shown.directive
        and events.item = shown.item
where events.is_due
union all
select
    published.directive,
    published.item,
    'published_figures' as feed,
    published.delivery_id,
    published.source_file,
    published.source_sheet,
    published.source_row,
    case when published.is_forecast then 'announced' else 'value' end as evidence_role,
    published.is_simulated
from {{ ref('int_item_published_figures') }} as published
where published.published_indicator = 'visitors'

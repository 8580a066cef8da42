-- The months of the period, the same months a year before, the festivals due, and what was published.
select
    spans.directive,
    spans.item,
    'tourism' as feed,
    {{ source_row_of('figures') }},
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
    {{ source_row_of('events') }},
    case when events.is_done then 'numerator' else 'denominator' end as evidence_role,
    events.is_simulated
from {{ ref('int_item_events') }} as events
inner join {{ ref('int_tourism_item_evidence') }} as shown
    on
        events.directive = shown.directive
        and events.item = shown.item
where events.is_due
union all
{{ published_evidence_rows() }}
where published.published_indicator = 'visitors'

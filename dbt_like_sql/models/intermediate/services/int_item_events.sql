-- Events planned in the period of the item that they serve, and those held in it outside any plan. Whether an event was
-- held is known only up to the newest delivery for the item.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'promotion_events' and option = 'area_code'
),

coverage as (
    select
        item,
        least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_promotion_events') }}
    group by item
)

select
    spans.directive,
    spans.item,
    events.event_id,
    events.kind,
    events.planned_on,
    events.held_on,
    spans.first_on,
    spans.last_on,
    coverage.known_until_on,
    events.planned_on is not null as is_planned,
    events.planned_on <= coverage.known_until_on as is_due,
    events.held_on is not null as is_done,
    events.released_on,
    events.delivery_id,
    events.is_simulated,
    events.source_file,
    events.source_sheet,
    events.source_row
from {{ ref('int_item_spans') }} as spans
inner join office on spans.area_code = office.area_code
inner join {{ ref('stg_promotion_events') }} as events
    on
        spans.item = events.item
        and coalesce(events.planned_on, events.held_on) between spans.first_on and spans.last_on
inner join coverage on events.item = coverage.item

-- Each event beside the directive items and beside its own plan.
with items as (
    select item
    from {{ ref('directive_items') }}
    group by item
)

select
    events.delivery_id,
    events.source_row,
    events.event_id,
    events.item,
    items.item is not null as is_known_item,
    case when events.held_on is not null then events.planned_on is not null end as is_planned,
    cast(date_diff('day', events.planned_on, events.held_on) as integer) as days_after_plan
from {{ source('candidates', 'promotion_events') }} as events
left join items on events.item = items.item

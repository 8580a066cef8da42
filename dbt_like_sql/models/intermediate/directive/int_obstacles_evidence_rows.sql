-- The rows of obstacles on which an item's figure rests: those due in its period by the day to which they are known.
with known as (
    select
        {{ all_simulated('is_simulated') }} as is_all_simulated,
        coalesce(max(case when not is_simulated then released_on end), max(released_on)) as known_on
    from {{ ref('stg_obstacles') }}
)

select
    items.directive,
    items.item,
    'obstacles' as feed,
    {{ source_row_of('obstacles') }},
    case when obstacles.resolved_on <= obstacles.due_on then 'numerator' else 'denominator' end as evidence_role,
    obstacles.is_simulated
from {{ ref('int_obstacles_item_evidence') }} as evidence
inner join {{ ref('directive_items') }} as items
    on
        evidence.directive = items.directive
        and evidence.item = items.item
cross join known
inner join {{ ref('stg_obstacles') }} as obstacles
    on
        obstacles.due_on between make_date({{ year_number('items.period') }}, 1, 1)
        and least(make_date({{ year_number('items.period') }}, 12, 31), known.known_on)
        and obstacles.is_simulated = known.is_all_simulated
where coalesce(obstacles.resolved_on >= obstacles.raised_on, true)

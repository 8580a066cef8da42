-- The rows of obstacles on which an item's figure rests: those due in its period by the day to which they are known,
-- and those due in the same days a year before where a figure of them is given.
with known as (
    select
        {{ all_simulated('is_simulated') }} as is_all_simulated,
        coalesce(max(case when not is_simulated then released_on end), max(released_on)) as known_on
    from {{ ref('stg_obstacles') }}
),

spans as (
    select
        evidence.directive,
        evidence.item,
        {{ first_day_of_year('items.period') }} as first_on,
        least({{ last_day_of_year('items.period') }}, known.known_on) as last_on,
        known.is_all_simulated,
        evidence.value_year_before is not null as has_year_before
    from {{ ref('int_obstacles_item_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
    cross join known
)

select
    spans.directive,
    spans.item,
    'obstacles' as feed,
    {{ source_row_of('obstacles') }},
    case when obstacles.resolved_on <= obstacles.due_on then 'numerator' else 'denominator' end as evidence_role,
    obstacles.is_simulated
from spans
inner join {{ ref('stg_obstacles') }} as obstacles
    on
        obstacles.due_on between spans.first_on and spans.last_on
        and obstacles.is_simulated = spans.is_all_simulated
where coalesce(obstacles.resolved_on >= obstacles.raised_on, true)
union all
select
    spans.directive,
    spans.item,
    'obstacles' as feed,
    {{ source_row_of('obstacles') }},
    'year_before' as evidence_role,
    obstacles.is_simulated
from spans
inner join {{ ref('stg_obstacles') }} as obstacles
    on
        obstacles.due_on between spans.first_on - interval '1' year and spans.last_on - interval '1' year
        and obstacles.is_simulated = spans.is_all_simulated
where spans.has_year_before and coalesce(obstacles.resolved_on >= obstacles.raised_on, true)

-- A row is one item of a directive that was issued by the day. It fails where the scorecard has no row for it.
select
    items.directive,
    items.item,
    scorecard.item is not null as is_in_scorecard
from {{ ref('directive_items') }} as items
inner join {{ ref('directives') }} as directives
    on
        items.directive = directives.directive
        and directives.issued_on <= {{ var('as_of') }}
left join {{ ref('directive_scorecard') }} as scorecard
    on
        items.directive = scorecard.directive
        and items.item = scorecard.item

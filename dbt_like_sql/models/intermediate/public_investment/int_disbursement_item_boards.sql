-- The boards that lead an item, of whose plans the largest are followed.
select distinct
    agencies.directive,
    agencies.item,
    boards.board_code
from {{ ref('directive_item_agencies') }} as agencies
inner join {{ ref('boards') }} as boards on agencies.agency_code = boards.agency_code
where agencies.agency_role = 'lead'

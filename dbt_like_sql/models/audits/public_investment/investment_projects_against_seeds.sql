-- A row is one project of a delivery. It fails when its board or the directive's item that it names is in no seed.
with keys as (
    select distinct key_item
    from {{ ref('key_projects') }}
)

select
    projects.delivery_id,
    projects.source_row,
    projects.project_code,
    projects.board_code,
    projects.key_item,
    boards.board_code is not null as is_known_board,
    projects.key_item is null or keys.key_item is not null as is_known_key_item
from {{ source('candidates', 'investment_projects') }} as projects
left join {{ ref('boards') }} as boards on projects.board_code = boards.board_code
left join keys on projects.key_item = keys.key_item

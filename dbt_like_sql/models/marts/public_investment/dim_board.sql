-- The boards of the seed, the province as a whole, and the word for projects whose board nobody knows.
select
    board_code,
    agency_code,
    name_vi,
    name_en,
    false as is_total
from {{ ref('boards') }}
union all
select
    words.board_code,
    cast(null as varchar) as agency_code,
    message_vi(words.name_codes, null) as name_vi,
    message_en(words.name_codes, null) as name_en,
    words.board_code = 'PROVINCE' as is_total
from (
    values
    ('PROVINCE', 'board_province'), ('UNASSIGNED', 'board_unassigned')
) as words (board_code, name_codes)

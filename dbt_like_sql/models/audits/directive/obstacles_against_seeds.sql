-- A row is one obstacle of a delivery. It fails when the agency that has to resolve it is in no seed.
select
    obstacles.delivery_id,
    obstacles.source_row,
    obstacles.case_id,
    obstacles.agency_code,
    agencies.agency_code is not null as is_known_agency
from {{ source('candidates', 'obstacles') }} as obstacles
left join {{ ref('agencies') }} as agencies on obstacles.agency_code = agencies.agency_code

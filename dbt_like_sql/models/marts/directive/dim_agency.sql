-- Validity dates are blank where no source gives the day.
select
    agency_code,
    agency_kind,
    name_vi,
    name_en,
    valid_from,
    valid_to,
    successor_code,
    source_note
from {{ ref('agencies') }}
order by agency_code

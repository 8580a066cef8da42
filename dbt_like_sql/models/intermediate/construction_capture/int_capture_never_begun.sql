select
    area_code,
    quarter,
    cast(null as decimal(12, 8)) as not_begun_share
from {{ ref('int_capture_cells') }}
where false

select
    area_code,
    stratum,
    cast(null as decimal(12, 8)) as link_recall,
    cast(null as decimal(12, 8)) as link_false_share,
    cast(null as integer) as n_links_tried
from {{ ref('int_capture_cells') }}
where false

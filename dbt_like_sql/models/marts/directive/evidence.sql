-- A file without sheets has the empty sheet '', so that a row can always be named.
with evidence_rows as (
    {{ evidence_rows() }}
)

select
    directive,
    item,
    feed,
    delivery_id,
    coalesce(source_sheet, '') as source_sheet,
    source_row,
    evidence_role,
    source_file,
    is_simulated
from evidence_rows

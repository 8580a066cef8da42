-- A file without sheets has the empty sheet '', so that a row can always be named.
with evidence_rows as (
    {{ all_evidence_rows() }}
)

select
    evidence_rows.directive,
    evidence_rows.item,
    evidence_rows.feed,
    evidence_rows.delivery_id,
    coalesce(evidence_rows.source_sheet, '') as source_sheet,
    evidence_rows.source_row,
    evidence_rows.evidence_role,
    evidence_rows.source_file,
    evidence_rows.is_simulated
from evidence_rows
inner join {{ ref('dim_directive_item') }} as items
    on
        evidence_rows.directive = items.directive
        and evidence_rows.item = items.item

-- A row is a withdrawal or a waiver in force. It fails when it names no delivery, or no finding, that is there.
select
    feed,
    delivery_id,
    source_file,
    source_row,
    delivery_file,
    rule,
    deliveries_named,
    findings_named
from {{ ref('int_withdrawal_and_waiver_effects') }}

-- Every delivery known on the day and what became of it, the refused ones too.
select
    delivery_id,
    feed,
    source_file,
    supplier,
    period,
    released_on,
    case when is_superseded then 'superseded' else status end as status,
    reason,
    rows_in,
    rows_accepted,
    rows_rejected,
    findings_critical,
    findings_warning,
    is_simulated,
    cast(rows_in - rows_accepted - rows_rejected as bigint) as rows_unaccounted,
    findings_waived,
    revision,
    note
from {{ ref('stg_deliveries') }}
order by feed, released_on, delivery_id

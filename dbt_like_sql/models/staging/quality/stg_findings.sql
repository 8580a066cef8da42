-- What rules found in deliveries, without the cells themselves: a value may lead to a person.
select
    delivery_id,
    feed,
    source_sheet,
    source_row,
    rule,
    severity,
    column_name,
    next_step,
    waived
from {{ source('ledger', 'findings') }}

-- What every register ever said of a project's approval, one row for each project and delivery: the register itself
-- keeps only what governs, and an increase that is written over the first approval would be lost.
select
    delivery_id,
    project_code,
    board_code,
    total_investment_bn,
    approved_on,
    preparation_stage,
    valid_from,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from {{ source('validated', 'investment_projects') }}
where released_on <= {{ var('as_of') }}

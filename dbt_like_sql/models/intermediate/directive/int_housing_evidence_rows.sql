-- The rows of the register in force: those that count, and those approved among which they are counted;
-- and those that counted a year before.
select
    directive,
    item,
    'social_housing' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_done then 'numerator' else 'denominator' end as evidence_role,
    is_simulated
from {{ ref('int_item_housing') }}
where is_approved
union all
select
    directive,
    item,
    'social_housing' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'year_before' as evidence_role,
    is_simulated
from {{ ref('int_item_housing') }}
where is_done_year_before

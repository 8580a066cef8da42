-- Numerator: answered in time. Denominator: all that were due.
select
    directive,
    item,
    'building_permits' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_done then 'numerator' else 'denominator' end as evidence_role,
    is_simulated
from {{ ref('int_item_permits') }}
where is_due and not is_year_before
union all
select
    directive,
    item,
    'building_permits' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'year_before' as evidence_role,
    is_simulated
from {{ ref('int_item_permits') }}
where is_due and is_year_before

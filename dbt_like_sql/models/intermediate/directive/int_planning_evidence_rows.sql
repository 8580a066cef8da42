-- Those done in time are the numerator, all that were due the denominator.
select
    directive,
    item,
    'planning_reviews' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    case when is_done then 'numerator' else 'denominator' end as evidence_role,
    is_simulated
from {{ ref('int_item_reviews') }}
where is_due and not is_year_before
union all
select
    directive,
    item,
    'planning_reviews' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'year_before' as evidence_role,
    is_simulated
from {{ ref('int_item_reviews') }}
where is_due and is_year_before

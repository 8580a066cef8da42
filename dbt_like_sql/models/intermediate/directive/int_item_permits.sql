-- Applications due in the period of the item, in its area.
select
    spans.directive,
    spans.item,
    answers.application_no,
    answers.answered_on,
    spans.first_on,
    spans.last_on,
    answers.known_until_on,
    answers.is_due,
    answers.is_done,
    answers.released_on,
    answers.delivery_id,
    answers.is_simulated,
    answers.source_file,
    answers.source_sheet,
    answers.source_row
from {{ ref('int_item_spans') }} as spans
inner join {{ ref('int_permit_answers') }} as answers
    on
        spans.area_code = answers.area_code
        and answers.due_on between spans.first_on and spans.last_on
where spans.indicator = 'building_permits_answered_in_time'

-- Applications due in the period of the item, in its area, and those due up to the same day a year before.
select
    spans.directive,
    spans.item,
    answers.application_no,
    answers.district_code,
    answers.answered_on,
    spans.first_on,
    spans.last_on,
    answers.known_until_on,
    spans.years_back = 1 as is_year_before,
    answers.due_on <= answers.known_until_on - spans.years_back * interval '1' year as is_due,
    answers.is_done,
    answers.released_on,
    answers.delivery_id,
    answers.is_simulated,
    answers.source_file,
    answers.source_sheet,
    answers.source_row
from {{ ref('int_item_spans_and_before') }} as spans
inner join {{ ref('int_permit_answers') }} as answers
    on
        spans.area_code = answers.area_code
        and answers.due_on between spans.first_on and spans.last_on
where spans.indicator = 'building_permits_answered_in_time'

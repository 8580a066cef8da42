-- Reviews of planning schemes due in the period of the item. One whose day has not come when the newest delivery was
-- made is not yet due; one without a day cannot be counted. Those due up to the same day a year before stand beside.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'planning_reviews' and option = 'area_code'
),

coverage as (
    select least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_planning_reviews') }}
)

select
    spans.directive,
    spans.item,
    reviews.review_id,
    reviews.district_code,
    reviews.due_on,
    reviews.reviewed_on as answered_on,
    spans.first_on,
    spans.last_on,
    coverage.known_until_on,
    spans.years_back = 1 as is_year_before,
    reviews.due_on <= coverage.known_until_on - spans.years_back * interval '1' year as is_due,
    coalesce(reviews.reviewed_on <= reviews.due_on, false) as is_done,
    reviews.released_on,
    reviews.delivery_id,
    reviews.is_simulated,
    reviews.source_file,
    reviews.source_sheet,
    reviews.source_row
from {{ ref('int_item_spans_and_before') }} as spans
inner join office on spans.area_code = office.area_code
inner join {{ ref('stg_planning_reviews') }} as reviews on reviews.due_on between spans.first_on and spans.last_on
cross join coverage
where spans.indicator = 'planning_reviews_in_time'

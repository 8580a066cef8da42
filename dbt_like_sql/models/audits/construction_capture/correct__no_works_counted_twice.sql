-- A row is one return that reports a site. It fails when another return of its quarter reports the same site: the same
-- row sent twice, or a second return for a permit. Such a return is not counted.
select
    quarter,
    return_id,
    district_code,
    stratum,
    frame_unit_id,
    permit_no,
    works_id,
    value_mn,
    delivery_id,
    source_row,
    not is_repeated and not is_repeated_permit as is_counted_once
from {{ ref('int_survey_works') }}

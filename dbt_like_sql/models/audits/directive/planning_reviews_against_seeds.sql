-- A row is one review of a delivery. It fails when its district is in no seed.
select
    reviews.delivery_id,
    reviews.source_row,
    reviews.review_id,
    reviews.district_code,
    districts.admin_unit_code is not null as is_known_district
from {{ source('candidates', 'planning_reviews') }} as reviews
left join
    {{ ref('admin_units') }} as districts
    on reviews.district_code = districts.admin_unit_code and districts.admin_level = 'district'
where reviews.district_code is not null

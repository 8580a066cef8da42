-- A row is one return compared with the contract of the same contractor and quarter that it links to: by permit, else
-- by the closest turnover. It fails when value and turnover differ by more than the tolerance, which is a ratio because
-- work done and work invoiced differ in time.
with threshold as (
    select {{ threshold('tax_tolerance_ratio') }} as tolerance_ratio
    from {{ ref('capture_thresholds') }}
)

select
    links.quarter,
    links.return_id,
    works.district_code,
    works.stratum,
    works.contractor_tax_key as tax_key,
    works.permit_no,
    links.contract_id,
    links.link_rule,
    links.value_mn,
    links.contract_turnover_mn,
    links.survey_to_tax_ratio,
    cast(threshold.tolerance_ratio as decimal(20, 4)) as tolerance_ratio,
    works.delivery_id,
    works.source_row
from {{ ref('int_tax_survey_links') }} as links
inner join {{ ref('int_survey_works') }} as works
    on
        links.quarter = works.quarter
        and links.return_id = works.return_id
cross join threshold
where links.survey_to_tax_ratio is not null

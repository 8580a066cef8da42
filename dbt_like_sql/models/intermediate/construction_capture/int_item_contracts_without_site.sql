-- Contracts declared for tax that were not found in the survey and whose declarations name no site: they are on the
-- work list, and no domain can count them.
select
    items.directive,
    items.item,
    cast(count(distinct listed.listed_id) as integer) as n_contracts,
    cast(sum(listed.quarter_value_mn) as decimal(20, 3)) as contract_turnover_mn
from {{ ref('int_capture_items') }} as items
inner join {{ ref('int_listed_status') }} as listed
    on
        listed.quarter between items.first_quarter and items.last_quarter
        and coalesce(listed.area_code, items.area_code) = items.area_code
where
    items.indicator = 'construction_coverage'
    and listed.list_kind = 'contract'
    and listed.capture_status in ('omitted', 'non_response')
    and listed.district_code is null
group by items.directive, items.item

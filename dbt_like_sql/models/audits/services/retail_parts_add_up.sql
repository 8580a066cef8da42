-- The total of a month beside the sum of its groups, within one delivery. Where a group is missing, the total cannot be
-- judged and the row says so.
with wanted as (
    select count(*) as groups_wanted
    from {{ ref('service_groups') }}
    where not is_total
),

summed as (
    select
        figures.delivery_id,
        figures.area_code,
        figures.month,
        min(case when known.is_total then figures.source_row end) as source_row,
        max(case when known.is_total then figures.value_bn end) as total_bn,
        sum(case when not known.is_total then figures.value_bn end) as parts_bn,
        count(case when not known.is_total then figures.value_bn end) as groups_known
    from {{ source('candidates', 'retail_services') }} as figures
    inner join {{ ref('service_groups') }} as known on figures.service_group = known.service_group
    group by figures.delivery_id, figures.area_code, figures.month
)

select
    summed.delivery_id,
    summed.source_row,
    summed.area_code,
    summed.month,
    summed.total_bn,
    summed.parts_bn,
    cast(wanted.groups_wanted - summed.groups_known as integer) as parts_missing,
    case
        when summed.groups_known = wanted.groups_wanted
            then cast(summed.total_bn - summed.parts_bn as decimal(22, 4))
    end as difference_bn
from summed
cross join wanted
where summed.total_bn is not null

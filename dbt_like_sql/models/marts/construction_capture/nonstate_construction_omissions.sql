-- The work list: each omitted permit, appraisal or contract once, over all quarters in which it was left out, with
-- what is to be done and by whom. It is overdue since the returns of its first such quarter were due.
with omitted as (
    select
        statuses.listed_id,
        statuses.list_kind,
        statuses.area_code,
        statuses.district_code,
        statuses.commune_code,
        statuses.stratum,
        statuses.selection,
        statuses.frame_unit_id,
        statuses.omission_reason,
        statuses.quarter,
        statuses.quarter_value_mn,
        statuses.is_value_imputed,
        statuses.is_time_imputed,
        quarters.due_on,
        row_number() over (partition by statuses.listed_id order by statuses.quarter desc) as place
    from {{ ref('int_listed_status') }} as statuses
    inner join {{ ref('int_capture_quarters') }} as quarters on statuses.quarter = quarters.quarter
    where statuses.capture_status = 'omitted'
),

summed as (
    select
        listed_id,
        min(quarter) as first_quarter,
        max(quarter) as last_quarter,
        count(*) as n_quarters,
        min(due_on) as due_on,
        sum(quarter_value_mn) as value_left_out_mn
    from omitted
    group by listed_id
),

contracts as (
    select
        *,
        row_number() over (partition by contract_id order by quarter desc) as place
    from {{ ref('int_declared_contracts') }}
),

units as (
    select
        admin_unit_code,
        name_vi,
        row_number() over (partition by admin_unit_code order by valid_from desc nulls last) as place
    from {{ ref('admin_units') }}
),

listed as (
    select
        omitted.*,
        coalesce(works.list_no, contracts.contract_no) as list_no,
        coalesce(works.permit_no, contracts.permit_no) as permit_no,
        works.owner_tax_code,
        coalesce(works.contractor_tax_code, contracts.taxpayer_tax_code) as contractor_tax_code,
        works.floor_area_m2,
        coalesce(works.delivery_id, contracts.delivery_id) as delivery_id,
        coalesce(works.source_file, contracts.source_file) as source_file,
        coalesce(works.source_row, contracts.source_row) as source_row,
        coalesce(works.released_on, contracts.released_on) as released_on,
        coalesce(works.is_simulated, contracts.is_simulated) as is_simulated
    from omitted
    left join {{ ref('int_listed_works') }} as works on omitted.listed_id = works.works_id
    left join contracts
        on
            omitted.listed_id = contracts.contract_id
            and contracts.place = 1
    where omitted.place = 1
)

select
    listed.listed_id,
    listed.list_kind,
    listed.list_no,
    listed.permit_no,
    listed.owner_tax_code,
    listed.contractor_tax_code,
    listed.frame_unit_id,
    listed.area_code,
    listed.district_code,
    districts.name_vi as district_name_vi,
    listed.commune_code,
    communes.name_vi as commune_name_vi,
    listed.stratum,
    listed.selection,
    summed.first_quarter,
    summed.last_quarter,
    cast(summed.n_quarters as integer) as n_quarters,
    cast(summed.value_left_out_mn as decimal(20, 3)) as value_left_out_mn,
    listed.is_value_imputed,
    listed.is_time_imputed,
    listed.floor_area_m2,
    summed.due_on,
    cast(greatest(datediff('day', summed.due_on, {{ var('as_of') }}), 0) as integer) as days_overdue,
    listed.omission_reason,
    reasons.label_en as omission_reason_en,
    reasons.label_vi as omission_reason_vi,
    reasons.agency_code,
    agencies.name_vi as agency_name_vi,
    reasons.task_en,
    reasons.task_vi,
    listed.delivery_id,
    listed.source_file,
    listed.source_row,
    listed.released_on,
    listed.is_simulated
from listed
inner join summed on listed.listed_id = summed.listed_id
left join {{ ref('omission_reasons') }} as reasons on listed.omission_reason = reasons.omission_reason
left join {{ ref('agencies') }} as agencies on reasons.agency_code = agencies.agency_code
left join units as districts
    on
        listed.district_code = districts.admin_unit_code
        and districts.place = 1
left join units as communes
    on
        listed.commune_code = communes.admin_unit_code
        and communes.place = 1
order by listed.area_code, listed.district_code, listed.list_kind, listed.listed_id

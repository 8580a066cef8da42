-- The work list: each permit, appraisal or contract that was not found in the survey, once, over all quarters in which
-- it was not found, with what is to be done and by whom. It is overdue once the returns of the first such quarter were
-- due. A case keeps its id from quarter to quarter. The best candidate is the return of the last quarter that is most
-- likely about the site; where that is unlikely, or where the list does not say who builds, the case is to be compared
-- first.
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
        row_number() over (partition by statuses.listed_id order by statuses.quarter desc) as row_number
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
        row_number() over (partition by contract_id order by quarter desc) as row_number
    from {{ ref('int_building_contracts') }}
),

candidates as (
    select
        works_id,
        quarter,
        return_id,
        link_probability,
        row_number() over (
            partition by works_id, quarter order by link_probability desc, link_score desc, return_id asc
        ) as row_number
    from {{ ref('int_link_candidates') }}
),

threshold as (
    select {{ threshold('doubtful_link_probability') }} as doubtful_probability
    from {{ ref('capture_thresholds') }}
),

units as (
    select
        admin_unit_code,
        name_vi,
        row_number() over (partition by admin_unit_code order by valid_from desc nulls last) as row_number
    from {{ ref('admin_units') }}
),

with_sources as (
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
        coalesce(works.is_simulated, contracts.is_simulated) as is_simulated,
        candidates.return_id as candidate_return_id,
        candidates.link_probability,
        case
            when
                coalesce(candidates.link_probability, 0) >= threshold.doubtful_probability
                or (omitted.list_kind = 'permit' and works.contractor_tax_code is null)
                then 'to_compare'
            else 'not_found'
        end as case_part,
        answers.answer,
        case answers.answer
            when 'not_begun' then 'answer_not_begun'
            when 'counted_as' then 'answer_counted_as'
            when 'wrong_link' then 'answer_wrong_link'
            when 'added' then 'answer_added'
        end as answer_codes,
        to_json({
            'counted_as': answers.counted_as
        }) as answer_values,
        answers.answered_on
    from omitted
    cross join threshold
    left join candidates
        on
            omitted.listed_id = candidates.works_id
            and omitted.quarter = candidates.quarter
            and candidates.row_number = 1
    left join {{ ref('stg_omission_answers') }} as answers on omitted.listed_id = answers.case_id
    left join {{ ref('int_listed_works') }} as works on omitted.listed_id = works.works_id
    left join contracts
        on
            omitted.listed_id = contracts.contract_id
            and contracts.row_number = 1
    where omitted.row_number = 1
),

listed as (
    select
        *,
        case case_part when 'to_compare' then 'case_to_compare' else 'case_not_found' end as case_codes
    from with_sources
)

select
    listed.listed_id as case_id,
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
    listed.case_part,
    message_en(listed.case_codes, '{}') as case_part_en,
    message_vi(listed.case_codes, '{}') as case_part_vi,
    listed.candidate_return_id,
    listed.link_probability,
    listed.answer,
    message_en(listed.answer_codes, listed.answer_values) as answer_en,
    message_vi(listed.answer_codes, listed.answer_values) as answer_vi,
    listed.answered_on,
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
        and districts.row_number = 1
left join units as communes
    on
        listed.commune_code = communes.admin_unit_code
        and communes.row_number = 1
order by listed.area_code, listed.district_code, listed.list_kind, listed.listed_id

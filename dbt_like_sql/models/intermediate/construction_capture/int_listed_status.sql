-- What became of each listed site and declared contract of a quarter in the survey. It is omitted where it links to no
-- unit of the frame and, in a take-all stratum, where it links to no return, unless its unit was asked and did not
-- answer. A site that was left out by sampling is not an omission; nor is a household's house, since a house that was
-- not sampled cannot be told from one in no frame. A sampled unit that answered without naming the site did not report
-- it, and the estimate accounts for that. Without the quarter's frame or answers nothing is known of what does not
-- link.
with links as (
    select
        quarter,
        works_id,
        return_id,
        frame_unit_id,
        district_code,
        area_code,
        is_counted
    from {{ ref('int_survey_works') }}
    where is_matched
),

listed as (
    select
        works_id as listed_id,
        list_kind,
        quarter,
        area_code,
        district_code,
        commune_code,
        coalesce(owner_type = 'household', false) as is_household,
        true as names_permit,
        frame_unit_id,
        stratum,
        selection,
        quarter_value_mn,
        is_value_imputed,
        is_time_imputed
    from {{ ref('int_running_works') }}
    where is_running and not is_repeated and not is_budget_funded
    union all
    -- A contract whose site is listed shares its fate and is not reported twice; one on a public project is out of
    -- scope.
    select
        contracts.contract_id as listed_id,
        'contract' as list_kind,
        contracts.quarter,
        contracts.area_code,
        contracts.district_code,
        contracts.commune_code,
        false as is_household,
        contracts.permit_key is not null as names_permit,
        units.frame_unit_id,
        coalesce(units.stratum, 'enterprises_large') as stratum,
        coalesce(units.selection, 'take_all') as selection,
        contracts.contract_turnover_mn as quarter_value_mn,
        false as is_value_imputed,
        false as is_time_imputed
    from {{ ref('int_building_contracts') }} as contracts
    left join {{ ref('int_tax_survey_links') }} as links
        on
            contracts.contract_id = links.contract_id
            and contracts.quarter = links.quarter
    left join {{ ref('int_units_by_tax_code') }} as units
        on
            contracts.quarter = units.quarter
            and contracts.taxpayer_tax_key = units.tax_key
    where contracts.project_code is null and links.works_id is null and contracts.contract_turnover_mn > 0
),

-- A contract without a place is judged where the survey of any area is known.
surveyed as (
    select
        quarter,
        area_code,
        has_frame,
        has_returns
    from {{ ref('int_survey_quarters') }}
    union all
    select
        quarter,
        'any' as area_code,
        max(case when has_frame then 1 else 0 end) = 1 as has_frame,
        max(case when has_returns then 1 else 0 end) = 1 as has_returns
    from {{ ref('int_survey_quarters') }}
    group by quarter
),

traced as (
    select
        listed.*,
        coalesce(links.return_id, contract_links.return_id) as return_id,
        answers.answer,
        coalesce(answers.answer = 'not_begun' and quarters.first_day_on <= answers.answered_on, false)
            as is_not_begun,
        coalesce(links.is_counted, true) as is_outside,
        coalesce(links.frame_unit_id, listed.frame_unit_id) as known_unit_id,
        coalesce(units.is_drawn, false) as is_drawn,
        coalesce(units.is_answered, false) as is_answered,
        coalesce(units.is_out_of_scope, false) as is_out_of_scope,
        coalesce(listed.district_code, links.district_code, units.district_code) as known_district_code,
        coalesce(listed.area_code, links.area_code, units.area_code) as known_area_code
    from listed
    left join links
        on
            listed.quarter = links.quarter
            and listed.listed_id = links.works_id
    left join {{ ref('int_tax_survey_links') }} as contract_links
        on
            listed.quarter = contract_links.quarter
            and listed.listed_id = contract_links.contract_id
    left join {{ ref('int_frame_units') }} as units
        on
            listed.quarter = units.quarter
            and listed.frame_unit_id = units.frame_unit_id
    left join {{ ref('stg_omission_answers') }} as answers on listed.listed_id = answers.case_id
    inner join {{ ref('int_capture_quarters') }} as quarters on listed.quarter = quarters.quarter
),

judged as (
    select
        traced.*,
        case
            when traced.return_id is not null then 'matched'
            when traced.list_kind = 'contract' and traced.answer = 'counted_as' then 'matched'
            when traced.is_not_begun then 'not_begun'
            when not coalesce(surveyed.has_returns, false) then 'not_known'
            -- A declaration without a permit names the firm but neither the site nor who paid: any return of the firm
            -- covers it.
            when traced.list_kind = 'contract' and traced.is_answered and not traced.names_permit then 'matched'
            when not coalesce(surveyed.has_frame, false) then 'not_known'
            when traced.is_drawn and not traced.is_answered and not traced.is_out_of_scope then 'non_response'
            when traced.is_household then 'not_sampled'
            when traced.known_unit_id is null or traced.selection = 'take_all' then 'omitted'
            when traced.is_drawn then 'not_reported'
            else 'not_sampled'
        end as capture_status
    from traced
    left join surveyed
        on
            traced.quarter = surveyed.quarter
            and case
                when traced.list_kind = 'contract' and traced.known_area_code is null then 'any'
                else coalesce(traced.known_area_code, 'unknown')
            end = surveyed.area_code
    -- Sites that their own return says the budget pays for are out of scope, even where the permit does not say so.
    where traced.is_outside and coalesce(traced.answer, '') <> 'out_of_scope'
)

select
    listed_id,
    list_kind,
    quarter,
    known_area_code as area_code,
    known_district_code as district_code,
    commune_code,
    stratum,
    selection,
    known_unit_id as frame_unit_id,
    return_id,
    capture_status,
    case
        when capture_status <> 'omitted' then null
        when known_unit_id is null then 'not_in_frame'
        when is_drawn then 'works_not_in_return'
        else 'no_return'
    end as omission_reason,
    answer,
    quarter_value_mn,
    is_value_imputed,
    is_time_imputed
from judged

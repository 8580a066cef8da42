-- What became of each listed works and declared contract of a quarter in the survey. Omitted is what links to no
-- unit of the frame and, in a take-all stratum, what links to no return; so is what a unit that answered did not
-- name. A unit that was not drawn is no omission.
with links as (
    select
        quarter,
        works_id,
        return_id,
        frame_unit_id,
        district_code,
        area_code,
        stratum,
        selection,
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
        contractor_tax_key,
        owner_tax_key,
        assumed_stratum,
        true as names_permit,
        quarter_value_mn,
        is_value_imputed,
        is_time_imputed
    from {{ ref('int_running_works') }}
    where is_running and not is_repeated and not is_budget_funded
    union all
    -- A contract whose works are listed shares their fate and is not told twice; one on a public project is not ours.
    select
        contracts.contract_id as listed_id,
        'contract' as list_kind,
        contracts.quarter,
        contracts.area_code,
        contracts.district_code,
        contracts.commune_code,
        contracts.taxpayer_tax_key as contractor_tax_key,
        cast(null as varchar) as owner_tax_key,
        cast(null as varchar) as assumed_stratum,
        contracts.permit_key is not null as names_permit,
        contracts.contract_turnover_mn as quarter_value_mn,
        false as is_value_imputed,
        false as is_time_imputed
    from {{ ref('int_declared_contracts') }} as contracts
    left join {{ ref('int_tax_survey_links') }} as links
        on
            contracts.contract_id = links.contract_id
            and contracts.quarter = links.quarter
    where contracts.project_code is null and links.works_id is null and contracts.contract_turnover_mn > 0
),

units as (
    select
        *,
        row_number() over (
            partition by quarter, tax_key
            order by is_answered desc, is_drawn desc, selection desc, frame_unit_id asc
        ) as place
    from {{ ref('int_frame_units') }}
    where tax_key is not null
),

traced as (
    select
        listed.*,
        coalesce(links.return_id, contract_links.return_id) as return_id,
        coalesce(links.is_counted, true) as is_outside,
        case
            when links.return_id is not null then links.frame_unit_id
            else coalesce(contractors.frame_unit_id, owners.frame_unit_id)
        end as frame_unit_id,
        coalesce(links.stratum, contractors.stratum, owners.stratum, listed.assumed_stratum) as stratum,
        coalesce(links.selection, contractors.selection, owners.selection) as selection,
        coalesce(contractors.is_drawn, owners.is_drawn, false) as is_drawn,
        coalesce(contractors.is_answered, owners.is_answered, false) as is_answered,
        coalesce(contractors.is_out_of_scope, owners.is_out_of_scope, false) as is_out_of_scope,
        coalesce(listed.district_code, links.district_code, contractors.district_code, owners.district_code)
            as known_district_code,
        coalesce(listed.area_code, links.area_code, contractors.area_code, owners.area_code) as known_area_code
    from listed
    left join links
        on
            listed.quarter = links.quarter
            and listed.listed_id = links.works_id
    left join {{ ref('int_tax_survey_links') }} as contract_links
        on
            listed.quarter = contract_links.quarter
            and listed.listed_id = contract_links.contract_id
    left join units as contractors
        on
            listed.quarter = contractors.quarter
            and listed.contractor_tax_key = contractors.tax_key
            and contractors.place = 1
    left join units as owners
        on
            listed.quarter = owners.quarter
            and listed.owner_tax_key = owners.tax_key
            and owners.place = 1
),

judged as (
    select
        traced.*,
        coalesce(traced.selection, strata.selection, 'take_all') as known_selection,
        case
            when traced.return_id is not null then 'matched'
            when traced.frame_unit_id is null then 'omitted'
            when traced.is_out_of_scope then 'omitted'
            -- A declaration without a permit tells the firm and not the works, nor who paid: it is met by the firm's
            -- returns.
            when traced.list_kind = 'contract' and traced.is_answered and not traced.names_permit then 'matched'
            when traced.is_drawn and not traced.is_answered then 'non_response'
            when traced.is_drawn then 'omitted'
            when coalesce(traced.selection, strata.selection) = 'sample' then 'not_sampled'
            else 'omitted'
        end as capture_status
    from traced
    left join {{ ref('construction_strata') }} as strata on traced.stratum = strata.stratum
    -- Works that their own return says the budget pays for are not ours, whatever the permit leaves open.
    where traced.is_outside
)

select
    listed_id,
    list_kind,
    quarter,
    known_area_code as area_code,
    known_district_code as district_code,
    commune_code,
    coalesce(stratum, 'enterprises_large') as stratum,
    known_selection as selection,
    frame_unit_id,
    return_id,
    capture_status,
    case
        when capture_status <> 'omitted' then null
        when frame_unit_id is null then 'not_in_frame'
        when is_drawn then 'works_not_in_return'
        else 'no_return'
    end as omission_reason,
    quarter_value_mn,
    is_value_imputed,
    is_time_imputed
from judged

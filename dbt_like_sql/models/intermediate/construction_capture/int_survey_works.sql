-- The sites that the survey reports, each once: answered returns, with the listed site they link to, and why a return
-- does not count. A linked return takes the district and stratum of its site, so that lists and survey are compared in
-- one place; others count where the frame holds their unit. Weights are raised for units that did not answer.
with links as (
    select
        links.quarter,
        links.return_id,
        links.works_id,
        links.is_counted,
        works.is_running and not works.is_budget_funded and links.is_counted as is_match,
        works.is_budget_funded,
        works.list_kind,
        works.district_code,
        works.area_code,
        works.stratum,
        works.selection,
        works.days_in_quarter,
        works.days_in_all,
        works.is_time_imputed
    from {{ ref('int_permit_survey_links') }} as links
    inner join {{ ref('int_running_works') }} as works
        on
            links.quarter = works.quarter
            and links.works_id = works.works_id
),

-- Owners whose listed sites are all paid for by the budget.
public_owners as (
    select owner_tax_key
    from {{ ref('int_listed_works') }}
    where owner_tax_key is not null
    group by owner_tax_key
    having min(case when is_budget_funded then 1 else 0 end) = 1
),

public_contracts as (
    select
        links.quarter,
        links.return_id,
        max(contracts.project_code) as project_code
    from {{ ref('int_tax_survey_links') }} as links
    inner join {{ ref('int_building_contracts') }} as contracts
        on
            links.quarter = contracts.quarter
            and links.contract_id = contracts.contract_id
    where links.return_id is not null and contracts.project_code is not null and links.link_rule <> 'tax_code_time'
    group by links.quarter, links.return_id
)

select
    returns.return_id,
    returns.quarter,
    returns.frame_unit_id,
    coalesce(case when links.is_match then links.area_code end, returns.area_code) as area_code,
    coalesce(case when links.is_match then links.district_code end, returns.district_code) as district_code,
    returns.commune_code,
    coalesce(case when links.is_match then links.stratum end, units.stratum) as stratum,
    coalesce(case when links.is_match then links.selection end, units.selection) as selection,
    coalesce(links.is_match and links.stratum <> units.stratum, false) as is_linked_across,
    cast(round(cast(returns.survey_weight as double) * units.response_factor, 6) as decimal(18, 6)) as survey_weight,
    returns.contractor_tax_code,
    returns.contractor_tax_key,
    returns.permit_no,
    returns.funding_source,
    returns.contractor_ownership,
    returns.value_mn,
    returns.floor_area_m2,
    links.works_id,
    links.list_kind,
    coalesce(links.is_match, false) as is_matched,
    returns.is_repeated,
    coalesce(not links.is_counted, false) as is_repeated_permit,
    returns.is_reported_budget_funded,
    public_contracts.project_code,
    case
        when returns.is_reported_budget_funded then null
        when links.is_budget_funded then 'listed_as_budget_funded'
        when public_contracts.project_code is not null then 'contract_of_public_project'
        when links.works_id is null and public_owners.owner_tax_key is not null then 'owner_builds_for_the_budget'
    end as budget_evidence,
    not returns.is_repeated
    and coalesce(links.is_counted, true)
    and not returns.is_reported_budget_funded
    and not coalesce(links.is_budget_funded, false)
    and public_contracts.project_code is null
    and (links.works_id is not null or public_owners.owner_tax_key is null) as is_counted,
    links.days_in_quarter,
    links.days_in_all,
    coalesce(links.is_time_imputed, false) as is_time_imputed,
    returns.delivery_id,
    returns.source_file,
    returns.source_row,
    returns.released_on,
    returns.is_simulated
from {{ ref('int_survey_returns') }} as returns
left join links
    on
        returns.quarter = links.quarter
        and returns.return_id = links.return_id
inner join {{ ref('int_survey_units') }} as units
    on
        returns.quarter = units.quarter
        and coalesce(returns.frame_unit_id, returns.return_id) = units.unit_id
left join public_contracts
    on
        returns.quarter = public_contracts.quarter
        and returns.return_id = public_contracts.return_id
left join public_owners on returns.owner_tax_key = public_owners.owner_tax_key
where returns.is_answered and not returns.is_nil

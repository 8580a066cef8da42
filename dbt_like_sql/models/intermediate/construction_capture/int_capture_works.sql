-- Each site that the lists, the survey or tax declarations report in a quarter, once, in the domain in which it counts.
-- The size of a listed site is its floor area, else the value that the register holds, else 1; each times the share of
-- its days that lie in the quarter. Values are those of the survey, without the ones that are set aside, and turnover
-- for what only declarations report. Declarations without a site are left out: they are about a firm and not about a
-- site. So are listed sites that an office found not begun.
with links as (
    select
        quarter,
        return_id,
        link_rule in ('permit_number', 'answer') as is_link_keyed
    from {{ ref('int_permit_survey_links') }}
    where is_counted
),

listed_or_surveyed as (
    select
        works.quarter,
        works.area_code,
        works.district_code,
        works.stratum,
        works.selection,
        works.return_id,
        case when works.is_matched then works.works_id end as works_id,
        case when works.is_matched then 'lists_and_survey' else 'survey' end as seen_by,
        case when works.is_matched then links.is_link_keyed end as is_link_keyed,
        false as is_open,
        case when aside.return_id is null then returns.value_mn end as seen_value_mn
    from {{ ref('int_survey_works') }} as works
    inner join {{ ref('stg_construction_survey') }} as returns
        on
            works.quarter = returns.quarter
            and works.return_id = returns.return_id
    left join {{ ref('int_returns_set_aside') }} as aside
        on
            works.quarter = aside.quarter
            and works.return_id = aside.return_id
    left join links
        on
            works.quarter = links.quarter
            and works.return_id = links.return_id
    where works.is_counted
    union all
    select
        quarter,
        area_code,
        district_code,
        stratum,
        selection,
        cast(null as varchar) as return_id,
        listed_id as works_id,
        'lists' as seen_by,
        cast(null as boolean) as is_link_keyed,
        -- Nobody has said whether it was begun, and an office can be asked: its unit is not one that did not respond.
        capture_status in ('omitted', 'not_reported') and coalesce(answer, 'not_begun') = 'not_begun' as is_open,
        cast(null as decimal(20, 3)) as seen_value_mn
    from {{ ref('int_listed_status') }}
    where
        list_kind <> 'contract'
        and capture_status not in ('matched', 'not_sampled', 'not_begun')
        and district_code is not null
),

-- Contracts on sites in scope: one that is linked to a return which the budget pays for is not.
declared as (
    select
        contracts.quarter,
        contracts.contract_id,
        contracts.area_code,
        contracts.district_code,
        contracts.taxpayer_tax_key,
        contracts.contract_turnover_mn,
        tax_links.works_id,
        tax_links.return_id,
        case when tax_links.is_link_keyed then 1 else 0 end as keyed
    from {{ ref('int_building_contracts') }} as contracts
    left join {{ ref('int_tax_survey_links') }} as tax_links
        on
            contracts.quarter = tax_links.quarter
            and contracts.contract_id = tax_links.contract_id
    left join {{ ref('int_survey_works') }} as returns
        on
            tax_links.quarter = returns.quarter
            and tax_links.return_id = returns.return_id
    where
        contracts.district_code is not null
        and contracts.project_code is null
        and contracts.contract_turnover_mn > 0
        and not coalesce(returns.is_reported_budget_funded, false)
        and returns.budget_evidence is null
),

declared_works as (
    select
        quarter,
        works_id,
        max(keyed) as keyed
    from declared
    where works_id is not null
    group by quarter, works_id
),

declared_returns as (
    select
        quarter,
        return_id,
        max(keyed) as keyed
    from declared
    where return_id is not null
    group by quarter, return_id
),

known as (
    select
        listed_or_surveyed.*,
        declared_works.works_id is not null or declared_returns.return_id is not null as is_declared,
        greatest(coalesce(declared_works.keyed, 0), coalesce(declared_returns.keyed, 0)) = 1 as is_declared_keyed,
        case
            when listed.floor_area_m2 > 0 then 'floor_area'
            when {{ quarter_value_of('listed.works_value_mn', 'running') }} > 0 then 'listed_value'
            when listed_or_surveyed.works_id is not null then 'works'
        end as size_kind,
        case
            when listed.floor_area_m2 > 0
                then cast(listed.floor_area_m2 as double) * running.days_in_quarter / running.days_in_all
            when {{ quarter_value_of('listed.works_value_mn', 'running') }} > 0
                then cast({{ quarter_value_of('listed.works_value_mn', 'running') }} as double)
            when listed_or_surveyed.works_id is not null then 1
        end as works_size
    from listed_or_surveyed
    left join {{ ref('int_running_works') }} as running
        on
            listed_or_surveyed.quarter = running.quarter
            and listed_or_surveyed.works_id = running.works_id
    left join {{ ref('int_listed_works') }} as listed on listed_or_surveyed.works_id = listed.works_id
    left join declared_works
        on
            listed_or_surveyed.quarter = declared_works.quarter
            and listed_or_surveyed.works_id = declared_works.works_id
    left join declared_returns
        on
            listed_or_surveyed.quarter = declared_returns.quarter
            and listed_or_surveyed.return_id = declared_returns.return_id
),

units as (
    select
        quarter,
        tax_key,
        stratum,
        selection,
        row_number() over (partition by quarter, tax_key order by selection desc, frame_unit_id asc) as row_number
    from {{ ref('int_frame_units') }}
    where tax_key is not null
),

-- What only declarations report belongs to the stratum of the firm that declares; of a firm that is not in the frame
-- nothing is known but that it is an enterprise.
declared_alone as (
    select
        declared.*,
        coalesce(units.stratum, 'enterprises_large') as stratum,
        coalesce(units.selection, 'take_all') as selection
    from declared
    left join known as by_works
        on
            declared.quarter = by_works.quarter
            and declared.works_id = by_works.works_id
    left join known as by_return
        on
            declared.quarter = by_return.quarter
            and declared.return_id = by_return.return_id
    left join units
        on
            declared.quarter = units.quarter
            and declared.taxpayer_tax_key = units.tax_key
            and units.row_number = 1
    where by_works.works_id is null and by_return.return_id is null
)

select
    coalesce('return:' || return_id, works_id) as seen_id,
    quarter,
    area_code,
    district_code,
    stratum,
    selection,
    return_id,
    works_id,
    seen_by,
    is_link_keyed,
    is_declared,
    case when is_declared then is_declared_keyed end as is_declared_keyed,
    -- A site of which turnover is declared has been begun.
    is_open and not is_declared as is_open,
    size_kind,
    cast(round(works_size, 6) as decimal(20, 6)) as works_size,
    seen_value_mn
from known
union all
select
    contract_id as seen_id,
    quarter,
    area_code,
    district_code,
    stratum,
    selection,
    cast(null as varchar) as return_id,
    cast(null as varchar) as works_id,
    'declarations' as seen_by,
    cast(null as boolean) as is_link_keyed,
    true as is_declared,
    false as is_declared_keyed,
    false as is_open,
    cast(null as varchar) as size_kind,
    cast(null as decimal(20, 6)) as works_size,
    contract_turnover_mn as seen_value_mn
from declared_alone

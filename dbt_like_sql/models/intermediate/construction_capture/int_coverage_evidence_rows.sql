-- The source rows under the figures of full capture: in take-all strata the running permits and appraisals
-- (denominator) and the returns that link to them (numerator); what offices answered about such permits and appraisals
-- (answer); tax declarations with a place where they are the third list of an estimate (third_list), and the others
-- that returns and lists are held against, which move no figure (cross_check).
with items as (
    select * from {{ ref('int_capture_items') }}
    where indicator = 'construction_coverage'
),

listed as (
    select
        items.directive,
        items.item,
        statuses.quarter,
        statuses.listed_id,
        statuses.list_kind,
        statuses.return_id
    from items
    inner join {{ ref('int_listed_status') }} as statuses
        on
            statuses.quarter between items.first_quarter and items.last_quarter
            and items.area_code = statuses.area_code
    where
        statuses.list_kind <> 'contract'
        and statuses.selection = 'take_all'
        and statuses.district_code is not null
),

-- A contract usually has no place of its own: it belongs to the area of the return or site that it links to.
held_against as (
    select
        items.directive,
        items.item,
        links.contract_id,
        links.quarter
    from items
    inner join {{ ref('int_tax_survey_links') }} as links
        on links.quarter between items.first_quarter and items.last_quarter
    inner join {{ ref('int_survey_returns') }} as returns
        on
            links.quarter = returns.quarter
            and links.return_id = returns.return_id
            and items.area_code = returns.area_code
    union
    select
        items.directive,
        items.item,
        statuses.listed_id as contract_id,
        statuses.quarter
    from items
    inner join {{ ref('int_listed_status') }} as statuses
        on
            statuses.quarter between items.first_quarter and items.last_quarter
            and items.area_code = statuses.area_code
    where statuses.list_kind = 'contract'
),

-- Quarters of an area in which declarations are one of three lists.
of_three_lists as (
    select distinct
        groups.quarter,
        groups.area_code
    from {{ ref('int_capture_groups') }} as groups
    inner join {{ ref('int_capture_estimates') }} as estimates on groups.group_id = estimates.group_id
    where estimates.estimate_method = 'three_lists'
),

rows_of_figures as (
    select
        listed.directive,
        listed.item,
        case listed.list_kind when 'appraisal' then 'design_appraisals' else 'building_permits' end as feed,
        {{ source_row_of('works') }},
        'denominator' as evidence_role,
        works.is_simulated
    from listed
    inner join {{ ref('int_listed_works') }} as works on listed.listed_id = works.works_id
    union
    select
        listed.directive,
        listed.item,
        'construction_survey' as feed,
        {{ source_row_of('returns') }},
        'numerator' as evidence_role,
        returns.is_simulated
    from listed
    inner join {{ ref('int_survey_returns') }} as returns
        on
            listed.quarter = returns.quarter
            and listed.return_id = returns.return_id
    union
    select
        held_against.directive,
        held_against.item,
        'construction_tax' as feed,
        {{ source_row_of('declarations') }},
        case when of_three_lists.quarter is null then 'cross_check' else 'third_list' end as evidence_role,
        declarations.is_simulated
    from held_against
    inner join {{ ref('int_tax_declarations') }} as declarations
        on
            held_against.contract_id = declarations.contract_id
            and held_against.quarter = declarations.quarter
    inner join {{ ref('int_building_contracts') }} as contracts
        on
            held_against.contract_id = contracts.contract_id
            and held_against.quarter = contracts.quarter
    left join of_three_lists
        on
            contracts.quarter = of_three_lists.quarter
            and contracts.area_code = of_three_lists.area_code
    union
    select
        items.directive,
        items.item,
        'omission_answers' as feed,
        {{ source_row_of('answers') }},
        'answer' as evidence_role,
        answers.is_simulated
    from items
    inner join {{ ref('int_running_works') }} as works
        on
            works.quarter between items.first_quarter and items.last_quarter
            and items.area_code = works.area_code
    inner join {{ ref('stg_omission_answers') }} as answers on works.works_id = answers.case_id
    where works.is_running
)

select
    directive,
    item,
    feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    evidence_role,
    is_simulated
from rows_of_figures

-- Turnover from construction that firms declared for tax, by building contract and quarter; months add up to their
-- quarter. A contract whose number contains the code of a public project is paid by the budget.
with grouped as (
    select
        declarations.quarter,
        declarations.taxpayer_tax_key,
        declarations.contract_key,
        max(declarations.taxpayer_tax_code) as taxpayer_tax_code,
        max(declarations.contract_no) as contract_no,
        max(declarations.contract_digits) as contract_digits,
        max(declarations.permit_no) as permit_no,
        max(declarations.permit_key) as permit_key,
        max(declarations.commune_code) as commune_code,
        sum(lines.turnover_ex_vat_mn) as turnover_ex_vat_mn,
        max(declarations.delivery_id) as delivery_id,
        max(declarations.source_file) as source_file,
        min(declarations.source_row) as source_row,
        max(declarations.released_on) as released_on,
        {{ any_simulated('declarations.is_simulated') }} as is_simulated
    from {{ ref('int_tax_declarations') }} as declarations
    inner join {{ ref('stg_construction_tax') }} as lines on declarations.declaration_id = lines.declaration_id
    group by declarations.quarter, declarations.taxpayer_tax_key, declarations.contract_key
),

numbers as (
    select
        grouped.quarter,
        grouped.taxpayer_tax_key,
        grouped.contract_key,
        split_part(grouped.contract_digits, '-', positions.position) as number_in_contract
    from grouped
    cross join (values (1), (2), (3), (4)) as positions (position)
    where grouped.contract_digits is not null
),

public_contracts as (
    select
        numbers.quarter,
        numbers.taxpayer_tax_key,
        numbers.contract_key,
        max(projects.project_code) as project_code
    from numbers
    inner join {{ ref('stg_investment_projects') }} as projects on numbers.number_in_contract = projects.project_code
    group by numbers.quarter, numbers.taxpayer_tax_key, numbers.contract_key
)

select
    'contract:' || grouped.taxpayer_tax_key || ':' || grouped.contract_key as contract_id,
    grouped.quarter,
    grouped.taxpayer_tax_key,
    grouped.taxpayer_tax_code,
    grouped.contract_no,
    grouped.permit_no,
    grouped.permit_key,
    grouped.commune_code,
    coalesce(places.place_code, grouped.commune_code) as place_code,
    communes.district_code,
    communes.area_code,
    cast(grouped.turnover_ex_vat_mn as decimal(20, 3)) as contract_turnover_mn,
    public_contracts.project_code,
    grouped.delivery_id,
    grouped.source_file,
    grouped.source_row,
    grouped.released_on,
    grouped.is_simulated
from grouped
inner join {{ ref('int_capture_quarters') }} as quarters on grouped.quarter = quarters.quarter
left join public_contracts
    on
        grouped.quarter = public_contracts.quarter
        and grouped.taxpayer_tax_key = public_contracts.taxpayer_tax_key
        and grouped.contract_key = public_contracts.contract_key
left join {{ ref('int_districts') }} as communes
    on
        grouped.commune_code = communes.admin_unit_code
        and communes.admin_level = 'commune'
left join {{ ref('int_places') }} as places
    on
        grouped.commune_code = places.commune_code
        and grouped.quarter = places.quarter
        and quarters.last_day_on between places.written_from_on and places.written_to_on

-- A row is one enterprise that was active in a quarter: it declared turnover from construction, or builds on a
-- running permit. It fails when the survey's frame does not hold it. Quarters of which no frame is known have no rows.
with active as (
    select
        quarter,
        taxpayer_tax_key as tax_key,
        taxpayer_tax_code as tax_code,
        district_code,
        contract_turnover_mn as value_mn
    from {{ ref('int_building_contracts') }}
    where contract_turnover_mn > 0
    union all
    select
        running.quarter,
        running.contractor_tax_key as tax_key,
        works.contractor_tax_code as tax_code,
        running.district_code,
        cast(null as decimal(20, 3)) as value_mn
    from {{ ref('int_running_works') }} as running
    inner join {{ ref('int_listed_works') }} as works on running.works_id = works.works_id
    where running.is_running and running.contractor_tax_key is not null
),

enterprises as (
    select
        quarter,
        tax_key,
        max(tax_code) as tax_code,
        max(district_code) as district_code,
        sum(value_mn) as contract_turnover_mn
    from active
    group by quarter, tax_key
),

known as (
    select quarter
    from {{ ref('int_survey_quarters') }}
    where has_frame
    group by quarter
),

framed as (
    select
        quarter,
        tax_key
    from {{ ref('int_frame_units') }}
    where tax_key is not null
    group by quarter, tax_key
)

select
    enterprises.quarter,
    enterprises.tax_key,
    enterprises.tax_code,
    enterprises.district_code,
    cast(enterprises.contract_turnover_mn as decimal(20, 3)) as contract_turnover_mn,
    framed.tax_key is not null as is_in_frame
from enterprises
inner join known on enterprises.quarter = known.quarter
left join framed
    on
        enterprises.quarter = framed.quarter
        and enterprises.tax_key = framed.tax_key

-- Each declared line of turnover from construction with its quarter and contract. A line without a contract number is a
-- contract of its own. Turnover of any other stretch than a month or a quarter, such as nine months, is of no quarter.
with dated as (
    select
        *,
        case
            when {{ period_type_of('tax_period') }} = 'quarter' then {{ first_part_of('tax_period') }}
            when {{ period_type_of('tax_period') }} = 'month' then {{ quarter_of_month('tax_period') }}
        end as quarter,
        '-' || {{ digit_groups('permit_no') }} as permit_digits,
        trim({{ digit_groups('contract_no') }}, '-') as contract_digits,
        {{ tax_digits('taxpayer_tax_code') }} as taxpayer_digits
    from {{ ref('stg_construction_tax') }}
),

keyed as (
    select
        dated.*,
        nullif(
            trim(replace(replace(replace(dated.permit_digits, '-0', '-'), '-0', '-'), '-0', '-'), '-'), ''
        ) as permit_key,
        {{ tax_key('dated.taxpayer_digits') }} as taxpayer_tax_key,
        coalesce(upper(replace(dated.contract_no, ' ', '')), dated.declaration_id) as contract_key
    from dated
    where
        dated.taxpayer_digits <> ''
        and dated.quarter is not null
)

select
    'contract:' || taxpayer_tax_key || ':' || contract_key as contract_id,
    declaration_id,
    quarter,
    taxpayer_tax_key,
    taxpayer_tax_code,
    contract_key,
    contract_no,
    contract_digits,
    permit_no,
    permit_key,
    commune_code,
    turnover_ex_vat_mn,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    released_on,
    is_simulated
from keyed

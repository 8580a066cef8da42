-- Tax declarations of construction turnover as known on the day: the latest state of each line.
with ranked as (
    select
        *,
        row_number() over (
            partition by declaration_id
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'construction_tax') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    declaration_id,
    taxpayer_tax_code,
    form,
    tax_period,
    commune_code,
    contract_no,
    permit_no,
    turnover_ex_vat_mn,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

-- Appraisals of designs as known on the day: the latest state of each.
with ranked as (
    select
        *,
        row_number() over (
            partition by appraisal_no
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'design_appraisals') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    appraisal_no,
    investor_tax_code,
    commune_code,
    funding_source,
    decided_on,
    total_cost_mn,
    start_on,
    completed_on,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

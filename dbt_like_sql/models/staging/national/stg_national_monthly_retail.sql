-- The latest value of each key that was released by the day of the run; what is published
-- comes before what is simulated.
with released as (
    select
        *,
        row_number() over (
            partition by area_code, month, section_label, row_label
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'national_monthly_retail') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row,
    area_code,
    month,
    section_label,
    row_label,
    month_before_bn,
    value_bn,
    ytd_bn,
    of_total_pct,
    index_yoy,
    index_ytd
from released
where row_number = 1

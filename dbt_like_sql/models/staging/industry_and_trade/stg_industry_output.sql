-- Output of enterprises by product and month as known on the day: the latest vintage of each value.
with ranked as (
    select
        *,
        row_number() over (
            partition by enterprise_code, product_code, month
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'industry_output') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    enterprise_code,
    product_code,
    month,
    {{ year_number('month') }} as calendar_year,
    {{ month_number('month') }} as month_of_year,
    {{ year_before('month') }} as month_year_before,
    quantity,
    unit,
    value_mn,
    capacity,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

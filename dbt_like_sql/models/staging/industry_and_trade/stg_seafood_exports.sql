-- Seafood exports by market, product and month as known on the day: the latest vintage of each row.
with ranked as (
    select
        *,
        row_number() over (
            partition by month, market, product_code
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'seafood_exports') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    month,
    market,
    product_code,
    tonnes,
    value_usd,
    {{ year_number('month') }} as calendar_year,
    {{ month_number('month') }} as month_of_year,
    {{ year_before('month') }} as month_year_before,
    missing_marks,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

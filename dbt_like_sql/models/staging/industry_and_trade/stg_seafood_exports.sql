-- Seafood exports by market, product and month as known on the day: the latest vintage of each row.
with ranked as (
    select
        delivery_id,
        month,
        market,
        product_code,
        tonnes,
        value_usd,
        missing_marks,
        released_on,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row,
        row_number() over (
            partition by month, market, product_code
            order by is_simulated asc, released_on desc, revision desc, delivery_id desc
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
    cast({{ year_of('month') }} as integer) as calendar_year,
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

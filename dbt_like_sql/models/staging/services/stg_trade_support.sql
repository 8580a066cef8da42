-- The latest value of each key that was released by the day of the run; a simulated one never displaces a real one.
with released as (
    select
        *,
        row_number() over (
            partition by month, kind
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'trade_support') }}
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
    month,
    kind,
    count,
    value_usd
from released
where row_number = 1

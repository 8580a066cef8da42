-- The name of a delivery says of which days it speaks: a year, a quarter, the first months of a year, a month, a day,
-- or a range of these.
with known as (
    select
        *,
        split_part(period, '..', 1) as first_part,
        case when position('..' in period) > 0 then split_part(period, '..', 2) else period end as last_part
    from {{ source('ledger', 'deliveries') }}
    where released_on is null or released_on <= {{ var('as_of') }}
),

months as (
    select
        *,
        case
            when length(first_part) = 4 or right(first_part, 1) = 'M' then 1
            when substr(first_part, 6, 1) = 'Q' then 3 * try_cast(substr(first_part, 7, 1) as integer) - 2
            else try_cast(substr(first_part, 6, 2) as integer)
        end as first_month,
        case
            when length(last_part) = 4 then 12
            when right(last_part, 1) = 'M' then try_cast(replace(substr(last_part, 6), 'M', '') as integer)
            when substr(last_part, 6, 1) = 'Q' then 3 * try_cast(substr(last_part, 7, 1) as integer)
            else try_cast(substr(last_part, 6, 2) as integer)
        end as last_month
    from known
)

select
    delivery_id,
    feed,
    source_file,
    supplier,
    period,
    case
        when length(first_part) = 10 then try_cast(first_part as date)
        else try_cast(substr(first_part, 1, 4) || '-' || lpad(cast(first_month as varchar), 2, '0') || '-01' as date)
    end as period_first_on,
    case
        when length(last_part) = 10 then try_cast(last_part as date)
        else
            last_day(
                try_cast(substr(last_part, 1, 4) || '-' || lpad(cast(last_month as varchar), 2, '0') || '-01' as date)
            )
    end as period_last_on,
    released_on,
    revision,
    note,
    status,
    reason,
    rows_in,
    rows_accepted,
    rows_rejected,
    findings_critical,
    findings_warning,
    findings_waived,
    is_superseded,
    is_simulated,
    rows_held,
    rows_set_aside,
    set_aside_as,
    cells_corrected
from months

-- The name of a delivery says which days it covers: a year, a quarter, the first months of a year, a month, a day, or a
-- range of these.
with known as (
    select
        *,
        {{ first_part_of('period') }} as first_part,
        {{ last_part_of('period') }} as last_part
    from {{ source('ledger', 'deliveries') }}
    where released_on is null or released_on <= {{ var('as_of') }}
),

months as (
    select
        *,
        case
            when {{ period_type_of('first_part') }} in ('year', 'ytd') then 1
            when {{ period_type_of('first_part') }} = 'quarter' then {{ last_month_of('first_part') }} - 2
            else {{ last_month_of('first_part') }}
        end as first_month,
        {{ last_month_of('last_part') }} as last_month
    from known
)

select
    delivery_id,
    feed,
    source_file,
    supplier,
    period,
    case
        when {{ is_day('first_part') }} then try_cast(first_part as date)
        else {{ first_day_in('first_part', 'first_month') }}
    end as period_first_on,
    case
        when {{ is_day('last_part') }} then try_cast(last_part as date)
        else last_day({{ first_day_in('last_part', 'last_month') }})
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

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
        when length(first_part) = 10 then try_cast(first_part as date)
        else
            try_cast(
                {{ year_of('first_part') }} || '-' || lpad(cast(first_month as varchar), 2, '0') || '-01' as date
            )
    end as period_first_on,
    case
        when length(last_part) = 10 then try_cast(last_part as date)
        else
            last_day(
                try_cast(
                    {{ year_of('last_part') }} || '-' || lpad(cast(last_month as varchar), 2, '0') || '-01' as date
                )
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

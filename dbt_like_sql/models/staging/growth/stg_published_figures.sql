-- What had been said in public by the day. The day of the statement is a row's release, not the day of the collection
-- that carries it; where two collections carry one statement, the later collection has its wording.
with figures as (
    select
        delivery_id,
        indicator,
        area_code,
        period,
        measure,
        value,
        unit,
        said_on,
        estimate_stage,
        publisher,
        trust,
        source_url,
        note,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row,
        cast({{ year_of('period') }} as integer) as calendar_year,
        substr(period, 6) as period_suffix,
        row_number() over (
            partition by indicator, area_code, period, measure, said_on, source_url
            order by
                is_simulated asc,
                substr(split_part(source_file, '__', 3), 1, 10) desc,
                revision desc,
                delivery_id desc
        ) as row_number
    from {{ source('validated', 'published_figures') }}
    where released_on <= {{ var('as_of') }}
),

typed as (
    select
        *,
        case
            when length(period) = 4 then 'year'
            when substr(period_suffix, 1, 1) = 'Q' then 'quarter'
            when length(period_suffix) <= 3 and substr(period, length(period), 1) = 'M' then 'ytd'
            when length(period) = 7 then 'month'
            when length(period) = 10 then 'as_of'
            else 'range'
        end as period_type
    from figures
    where row_number = 1
)

select
    delivery_id,
    indicator,
    area_code,
    period,
    period_type,
    calendar_year,
    case
        when period_type = 'year' then 12
        when period_type = 'quarter' then 3 * cast(substr(period_suffix, 2, 1) as integer)
        when period_type = 'ytd' then cast(replace(period_suffix, 'M', '') as integer)
        when period_type in ('month', 'as_of') then cast(substr(period_suffix, 1, 2) as integer)
    end as last_month_of_year,
    measure,
    value,
    unit,
    said_on,
    said_on as released_on,
    estimate_stage,
    publisher,
    trust,
    source_url,
    note,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from typed

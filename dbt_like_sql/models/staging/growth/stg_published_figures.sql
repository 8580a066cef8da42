-- What had been published by the day. The day of the statement is a row's release, not the day of the collection
-- that carries it; where two collections carry one statement, the later collection counts.
with figures as (
    select
        *,
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
)

select
    delivery_id,
    indicator,
    area_code,
    period,
    {{ period_type_of('period') }} as period_type,
    {{ year_number('period') }} as calendar_year,
    case when {{ period_type_of('period') }} <> 'range' then {{ last_month_of('period') }} end as last_month_of_year,
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
from figures
where row_number = 1

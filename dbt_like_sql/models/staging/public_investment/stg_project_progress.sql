-- Weekly reports as known on the day: the latest report of each project and week. A week ends on its Sunday; the first
-- week of a year is the one that holds 4 January. 1 January 1900 was a Monday.
with ranked as (
    select
        *,
        make_date({{ year_number('week') }}, 1, 4) as fourth_of_january,
        row_number() over (
            partition by project_code, week
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'project_progress') }}
    where released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    project_code,
    week,
    cast(
        fourth_of_january
        - cast(mod(date_diff('day', date '1900-01-01', fourth_of_january), 7) as integer)
        + 7 * {{ week_number('week') }}
        - 1 as date
    ) as week_ends_on,
    accepted_unpaid_vnd,
    site_handed_over_pct,
    material_shortage_m3,
    note,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

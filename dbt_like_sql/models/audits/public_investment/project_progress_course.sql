-- A row is one report of a project beside the report of the week before it, whichever delivery brought that. It fails
-- when less of the site is handed over than before and no note says why, or when what is unpaid jumps by an order of
-- magnitude: a unit is wrong. Weeks of different years sort by their code.
with latest as (
    select
        *,
        row_number() over (
            partition by project_code, week
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('candidates', 'project_progress') }}
),

beside as (
    select
        *,
        lag(site_handed_over_pct) over (partition by project_code order by week) as site_before_pct,
        lag(accepted_unpaid_vnd) over (partition by project_code order by week) as unpaid_before_vnd
    from latest
    where row_number = 1
)

select
    delivery_id,
    source_row,
    project_code,
    week,
    site_handed_over_pct,
    site_before_pct,
    note,
    coalesce(site_handed_over_pct >= site_before_pct, true) or note is not null as is_fall_explained,
    accepted_unpaid_vnd,
    unpaid_before_vnd,
    case
        when accepted_unpaid_vnd > 0 and unpaid_before_vnd > 0
            then
                cast(
                    round(cast(accepted_unpaid_vnd as double) / cast(unpaid_before_vnd as double), 6)
                    as decimal(38, 6)
                )
    end as magnitude_ratio
from beside

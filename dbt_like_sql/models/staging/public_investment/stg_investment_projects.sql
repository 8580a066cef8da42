-- A register replaces the one before it, but only from the day on which its row is valid: when a project moves to
-- another board, what was paid before that day stays with the old one.
with deliveries as (
    select
        delivery_id,
        released_on,
        revision,
        is_simulated,
        row_number() over (
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'investment_projects') }}
    where released_on <= {{ var('as_of') }}
    group by delivery_id, released_on, revision, is_simulated
),

versions as (
    select
        projects.*,
        deliveries.row_number,
        min(projects.valid_from) over (
            partition by projects.project_code
            order by deliveries.row_number desc
            rows between 1 following and unbounded following
        ) as replaced_from_on
    from {{ source('validated', 'investment_projects') }} as projects
    inner join deliveries on projects.delivery_id = deliveries.delivery_id
    where projects.released_on <= {{ var('as_of') }}
)

select
    delivery_id,
    project_code,
    valid_from,
    case when replaced_from_on is not null then replaced_from_on - 1 end as valid_to,
    name,
    board_code,
    key_item,
    total_investment_bn,
    approved_on,
    preparation_stage,
    row_number = 1 as is_current,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from versions
where replaced_from_on is null or replaced_from_on > valid_from

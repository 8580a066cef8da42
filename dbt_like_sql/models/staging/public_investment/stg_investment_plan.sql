-- A plan replaces the plan before it for the budget years that it covers: the plan of 2025 does not wipe out 2024.
with deliveries as (
    select
        delivery_id,
        budget_year,
        row_number() over (
            partition by budget_year
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'investment_plan') }}
    where released_on <= {{ var('as_of') }}
    group by delivery_id, budget_year, released_on, revision, is_simulated
)

select
    decisions.delivery_id,
    decisions.project_code,
    decisions.name,
    decisions.budget_year,
    decisions.source,
    decisions.plan_component,
    decisions.decision_no,
    decisions.programme,
    decisions.amount_vnd,
    decisions.decided_on,
    decisions.released_on,
    decisions.revision,
    decisions.is_simulated,
    decisions.source_file,
    decisions.source_sheet,
    decisions.source_row
from {{ source('validated', 'investment_plan') }} as decisions
inner join deliveries
    on
        decisions.delivery_id = deliveries.delivery_id
        and decisions.budget_year = deliveries.budget_year
where deliveries.row_number = 1 and decisions.released_on <= {{ var('as_of') }}

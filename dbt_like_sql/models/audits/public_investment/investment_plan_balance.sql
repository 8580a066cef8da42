-- A row is the plan that one delivery gives to a project, budget year, source and component. It fails when the plan is
-- below zero, or when the whole plan of the year has another magnitude than the first delivery gave. A delivery that is
-- in another unit is not used as a reference, although it was the first: the next, correct one must not look wrong
-- beside it.
with in_another_unit as (
    select distinct delivery_id
    from {{ ref('investment_plan_magnitude') }}
    where magnitude_factor > largest_factor
),

plans as (
    select
        delivery_id,
        released_on,
        revision,
        project_code,
        budget_year,
        source,
        plan_component,
        min(source_row) as source_row,
        sum(amount_vnd) as plan_total_vnd
    from {{ source('candidates', 'investment_plan') }}
    group by delivery_id, released_on, revision, project_code, budget_year, source, plan_component
),

totals as (
    select
        plans.delivery_id,
        plans.budget_year,
        plans.released_on,
        plans.revision,
        case when in_another_unit.delivery_id is null then 1 else 2 end as turn,
        sum(plans.plan_total_vnd) as year_total_vnd
    from plans
    left join in_another_unit on plans.delivery_id = in_another_unit.delivery_id
    group by plans.delivery_id, plans.budget_year, plans.released_on, plans.revision, in_another_unit.delivery_id
),

years as (
    select
        delivery_id,
        budget_year,
        year_total_vnd,
        first_value(delivery_id) over earlier as reference_delivery_id,
        first_value(year_total_vnd) over earlier as reference_total_vnd
    from totals
    window earlier as (partition by budget_year order by turn, released_on, revision, delivery_id)
)

select
    plans.delivery_id,
    plans.source_row,
    plans.project_code,
    plans.budget_year,
    plans.source,
    plans.plan_component,
    cast(plans.plan_total_vnd as decimal(18, 0)) as plan_total_vnd,
    years.reference_delivery_id,
    cast(
        round(cast(years.year_total_vnd as double) / cast(nullif(years.reference_total_vnd, 0) as double), 6)
        as decimal(38, 6)
    ) as magnitude_ratio
from plans
inner join years
    on
        plans.delivery_id = years.delivery_id
        and plans.budget_year = years.budget_year

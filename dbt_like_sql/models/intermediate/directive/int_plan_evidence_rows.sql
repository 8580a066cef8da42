-- Numerator: tasks done in time. Denominator: all that were due. The rows of the scenario stand beside.
with coverage as (
    select least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_plan_tasks') }}
)

select
    spans.directive,
    spans.item,
    'plan_tasks' as feed,
    {{ source_row_of('tasks') }},
    case when tasks.done_on <= tasks.due_on then 'numerator' else 'denominator' end as evidence_role,
    tasks.is_simulated
from {{ ref('int_item_spans') }} as spans
cross join coverage
inner join {{ ref('stg_plan_tasks') }} as tasks
    on tasks.due_on between spans.first_on and least(spans.last_on, coverage.known_until_on)
where spans.indicator = 'plan_32_carried_out'
union all
select
    directive,
    item,
    'growth_scenario' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'scenario' as evidence_role,
    is_scenario_simulated as is_simulated
from {{ ref('int_plan_scenario_rows') }}

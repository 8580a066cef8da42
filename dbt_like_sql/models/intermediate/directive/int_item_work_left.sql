-- What is left to be done of a task that is counted case by case, and by whom: tasks, obstacles, applications, planning
-- schemes and events that were due and are open, and projects whose total investment rose or whose preparation goes on.
with origin as (
    select
        {{ all_simulated('is_simulated') }} as is_all_simulated,
        least(
            coalesce(max(case when not is_simulated then released_on end), max(released_on)), {{ var('as_of') }}
        ) as known_on
    from {{ ref('stg_obstacles') }}
),

told as (
    select least(max(released_on), {{ var('as_of') }}) as known_on
    from {{ ref('stg_plan_tasks') }}
),

cases as (
    select
        spans.directive,
        spans.item,
        'plan_tasks' as work,
        tasks.agency_code,
        tasks.task_no as case_no
    from {{ ref('int_item_spans') }} as spans
    cross join told
    inner join {{ ref('stg_plan_tasks') }} as tasks
        on
            tasks.due_on between spans.first_on and spans.last_on
            and tasks.due_on <= told.known_on
            and tasks.done_on is null
    where spans.indicator = 'plan_32_carried_out'
    union all
    select
        spans.directive,
        spans.item,
        'obstacles' as work,
        obstacles.agency_code,
        cast(null as varchar) as case_no
    from {{ ref('int_item_spans') }} as spans
    cross join origin
    inner join {{ ref('stg_obstacles') }} as obstacles
        on
            obstacles.due_on between spans.first_on and spans.last_on
            and obstacles.due_on <= origin.known_on
            and obstacles.resolved_on is null
            and obstacles.is_simulated = origin.is_all_simulated
    where spans.indicator = 'obstacles_resolved_in_time'
    union all
    select
        directive,
        item,
        'permits' as work,
        'UBND-' || district_code as agency_code,
        cast(null as varchar) as case_no
    from {{ ref('int_item_permits') }}
    where is_due and not is_year_before and answered_on is null
    union all
    select
        directive,
        item,
        'reviews' as work,
        'UBND-' || district_code as agency_code,
        cast(null as varchar) as case_no
    from {{ ref('int_item_reviews') }}
    where is_due and not is_year_before and answered_on is null
    union all
    select
        directive,
        item,
        'events' as work,
        cast(null as varchar) as agency_code,
        cast(null as varchar) as case_no
    from {{ ref('int_item_events') }}
    where is_due and not is_done
    union all
    select
        items.directive,
        items.item,
        case when items.indicator = 'projects_prepared' then 'preparation' else 'totals' end as work,
        control.board_code as agency_code,
        cast(null as varchar) as case_no
    from {{ ref('directive_items') }} as items
    inner join {{ ref('project_control') }} as control
        on
            {{ is_year('items.period') }}
            and control.budget_year = {{ year_number('items.period') }}
            and case
                when items.indicator = 'projects_prepared' then not control.is_prepared
                else not control.is_total_investment_held
            end
    where items.indicator in ('total_investment_held', 'projects_prepared')
),

owned as (
    select
        cases.directive,
        cases.item,
        cases.work,
        cases.agency_code,
        count(*) as n_left,
        to_json({
            'agency_en': coalesce(max(agencies.name_en), cases.agency_code),
            'agency_vi': coalesce(max(agencies.name_vi), cases.agency_code),
            'cases': coalesce(string_agg(cases.case_no, ', ' order by cases.case_no), cast(count(*) as varchar))
        }) as owner_values
    from cases
    left join {{ ref('agencies') }} as agencies on cases.agency_code = agencies.agency_code
    group by cases.directive, cases.item, cases.work, cases.agency_code
),

listed as (
    select
        directive,
        item,
        concat_ws(' ', 'work_left', case when max(agency_code) is not null then 'work_owners' end) as work_codes,
        to_json({
            'work': max(work),
            'n_left': sum(n_left),
            'owners_en': string_agg(
                case when agency_code is not null then message_en('work_owner', owner_values) end, ', '
                order by n_left desc, agency_code asc
            ),
            'owners_vi': string_agg(
                case when agency_code is not null then message_vi('work_owner', owner_values) end, ', '
                order by n_left desc, agency_code asc
            )
        }) as work_values
    from owned
    group by directive, item
)

select
    directive,
    item,
    message_en(work_codes, work_values) as work_left_en,
    message_vi(work_codes, work_values) as work_left_vi
from listed

-- How a plan is carried out: of its tasks due by the newest report, those done in time; beside them what its scenario
-- foresaw of each sector in the newest part of the year that is over, against the growth that is known. Without tasks
-- there is no figure; without either, no evidence.
with items as (
    select
        directive,
        item,
        area_code,
        first_on,
        last_on
    from {{ ref('int_item_spans') }}
    where indicator = 'plan_32_carried_out'
),

coverage as (
    select
        max(released_on) as released_on,
        least(max(released_on), {{ var('as_of') }}) as known_until_on
    from {{ ref('stg_plan_tasks') }}
),

tasks as (
    select
        items.directive,
        items.item,
        items.first_on,
        least(coverage.known_until_on, items.last_on) as until_on,
        coverage.known_until_on >= items.last_on as is_over,
        coverage.released_on,
        count(case when rows.due_on <= coverage.known_until_on then 1 end) as n_due,
        count(case when rows.due_on <= coverage.known_until_on and rows.done_on <= rows.due_on then 1 end) as n_in_time,
        count(case when rows.due_on <= coverage.known_until_on and rows.done_on is null then 1 end) as n_overdue,
        max(case when rows.released_on = coverage.released_on then rows.delivery_id end) as delivery_id,
        {{ any_simulated('rows.is_simulated') }} as is_simulated
    from items
    cross join coverage
    inner join {{ ref('stg_plan_tasks') }} as rows on rows.due_on between items.first_on and items.last_on
    group by items.directive, items.item, items.first_on, items.last_on, coverage.released_on, coverage.known_until_on
    having count(case when rows.due_on <= coverage.known_until_on then 1 end) > 0
),

scenarios as (
    select
        directive,
        item,
        string_agg(message_en('plan_growth', growth_values), ', ' order by sort_order) as growth_en,
        string_agg(message_vi('plan_growth', growth_values), ', ' order by sort_order) as growth_vi,
        string_agg(case when is_below_scenario then label_en end, '; ' order by sort_order) as below_scenario_en,
        string_agg(case when is_below_scenario then label_vi end, '; ' order by sort_order) as below_scenario_vi,
        max(period) as period,
        max(released_on) as released_on,
        max(delivery_id) as delivery_id,
        {{ any_simulated('is_simulated') }} as is_simulated
    from (
        select
            shown.directive,
            shown.item,
            shown.period,
            names.sort_order,
            names.label_en,
            names.label_vi,
            shown.sector_code <> 'GRDP' and shown.growth_yoy_pct < shown.growth_pct as is_below_scenario,
            shown.released_on,
            shown.delivery_id,
            shown.is_simulated,
            to_json({
                'sector_en': names.label_en,
                'sector_vi': names.label_vi,
                'growth_pct': cast(round(shown.growth_yoy_pct, 2) as decimal(12, 2)),
                'scenario_pct': cast(round(shown.growth_pct, 2) as decimal(12, 2))
            }) as growth_values
        from {{ ref('int_plan_scenario_rows') }} as shown
        inner join {{ ref('sectors') }} as names on shown.sector_code = names.sector_code
    ) as scenario_rows
    group by directive, item
),

with_messages as (
    select
        items.directive,
        items.item,
        tasks.item is not null as has_tasks,
        tasks.first_on,
        tasks.until_on,
        tasks.is_over,
        tasks.n_due,
        tasks.n_in_time,
        tasks.n_overdue,
        coalesce(tasks.released_on, scenarios.released_on) as released_on,
        coalesce(tasks.delivery_id, scenarios.delivery_id) as delivery_id,
        scenarios.period,
        scenarios.below_scenario_en,
        scenarios.below_scenario_vi,
        coalesce(tasks.is_simulated, false) or coalesce(scenarios.is_simulated, false) as is_simulated,
        concat_ws(
            ' ',
            case when tasks.item is null then 'plan_without_tasks' else 'plan_tasks_in_time' end,
            case when tasks.n_overdue > 0 then 'plan_tasks_overdue' end,
            case when scenarios.item is null then 'plan_without_scenario' else 'plan_against_scenario' end
        ) as detail_codes,
        to_json({
            'in_time': tasks.n_in_time,
            'due': tasks.n_due,
            'overdue': tasks.n_overdue,
            'scenario_when': scenarios.period,
            'growth_en': scenarios.growth_en,
            'growth_vi': scenarios.growth_vi
        }) as detail_values
    from items
    left join tasks
        on
            items.directive = tasks.directive
            and items.item = tasks.item
    left join scenarios
        on
            items.directive = scenarios.directive
            and items.item = scenarios.item
    where tasks.item is not null or scenarios.item is not null
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    case
        when evidence.has_tasks then {{ months_until('evidence.first_on', 'evidence.until_on') }}
        else evidence.period
    end as evidence_period,
    coalesce(evidence.is_over, false) as covers_target_period,
    cast(
        round(100 * cast(evidence.n_in_time as double) / nullif(evidence.n_due, 0), 4) as decimal(12, 4)
    ) as actual,
    cast(null as decimal(12, 4)) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    cast(evidence.n_overdue as integer) as n_tasks_overdue,
    evidence.below_scenario_en,
    evidence.below_scenario_vi,
    evidence.is_simulated
from with_messages as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id

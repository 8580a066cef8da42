-- Asked of an item are the day on which it stands and, of a task, the same day of the year before on the plan of that
-- year. An item takes all projects of the province, those of its board, those of its key item, or the largest plans of
-- the boards that lead it. A project without a plan adds nothing to either side of a share.
with items as (
    select
        directive,
        item,
        indicator,
        board_code,
        key_item,
        denominator,
        threshold,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
),

newest_days as (
    select distinct
        budget_year,
        on_date
    from {{ ref('int_project_disbursement') }}
    where is_newest
),

standing as (
    select
        items.*,
        coalesce(item_days.money_known_on, item_days.on_date) as on_date
    from items
    inner join {{ ref('int_disbursement_item_days') }} as item_days
        on
            items.directive = item_days.directive
            and items.item = item_days.item
    union all
    select
        items.*,
        newest_days.on_date
    from items
    inner join newest_days on items.budget_year = newest_days.budget_year
    where items.board_code is null
),

asked as (
    select
        directive,
        item,
        indicator,
        board_code,
        key_item,
        denominator,
        false as is_year_before,
        budget_year,
        on_date
    from standing
    union all
    select
        directive,
        item,
        indicator,
        board_code,
        key_item,
        denominator,
        true as is_year_before,
        budget_year - 1 as budget_year,
        {{ day_year_before('on_date') }} as on_date
    from standing
    where threshold is null
),

projects as (
    select
        asked.directive,
        asked.item,
        asked.is_year_before,
        asked.budget_year,
        asked.on_date,
        asked.denominator,
        asked.indicator,
        budget_lines.project_code,
        sum(budget_lines.plan_vnd) as plan_vnd,
        case
            when coalesce(days.is_money_known, false)
                then sum(budget_lines.disbursed_vnd - budget_lines.over_disbursed_vnd)
        end as counted_vnd,
        max(budget_lines.released_on) as released_on,
        {{ any_simulated('budget_lines.is_simulated') }} as is_simulated
    from asked
    inner join {{ ref('denominators') }} as denominators on asked.denominator = denominators.denominator
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            asked.budget_year = budget_lines.budget_year
            and asked.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
            and denominators.plan_component = budget_lines.plan_component
    left join {{ ref('int_disbursement_days') }} as days
        on
            asked.budget_year = days.budget_year
            and asked.on_date = days.on_date
    left join {{ ref('dim_project') }} as register on budget_lines.project_code = register.project_code
    left join {{ ref('int_disbursement_item_boards') }} as led
        on
            asked.directive = led.directive
            and asked.item = led.item
            and budget_lines.board_code = led.board_code
    where
        case
            when asked.indicator = 'large_projects_disbursed_rate' then led.board_code is not null
            when asked.board_code = 'PROVINCE' then true
            when asked.board_code is not null then asked.board_code = budget_lines.board_code
            else asked.key_item = register.key_item
        end
    group by
        asked.directive,
        asked.item,
        asked.is_year_before,
        asked.budget_year,
        asked.on_date,
        asked.denominator,
        asked.indicator,
        budget_lines.project_code,
        days.is_money_known
),

ranked as (
    select
        *,
        sum(plan_vnd) over (partition by directive, item, is_year_before) as plan_of_all_vnd,
        row_number() over (
            partition by directive, item, is_year_before order by plan_vnd desc nulls last, project_code asc
        ) as plan_rank
    from projects
),

large_projects as (
    select {{ assumption('large_project_count') }} as large_project_count
    from {{ ref('assumptions') }}
)

select
    ranked.directive,
    ranked.item,
    ranked.is_year_before,
    ranked.budget_year,
    ranked.on_date,
    ranked.denominator,
    ranked.project_code,
    cast(ranked.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(ranked.counted_vnd as decimal(18, 0)) as counted_vnd,
    cast(ranked.plan_of_all_vnd as decimal(18, 0)) as plan_of_all_vnd,
    ranked.released_on,
    ranked.is_simulated
from ranked
cross join large_projects
where ranked.indicator <> 'large_projects_disbursed_rate' or ranked.plan_rank <= large_projects.large_project_count

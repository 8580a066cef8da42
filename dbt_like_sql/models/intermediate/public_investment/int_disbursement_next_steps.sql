-- What the next step of an item about disbursement speaks of: the board whose projects these are, what is still to be
-- disbursed and by when, the project that lies furthest behind, and whether those that an item names keep up.
with items as (
    select
        directive,
        item,
        board_code,
        key_item,
        threshold,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate'
),

projects as (
    select
        money.project_code,
        money.board_code,
        money.budget_year,
        money.key_item,
        money.shortfall_vnd,
        coalesce(names.project_name_vi, money.name) as project_name_vi,
        coalesce(names.project_name_en, money.name) as project_name_en,
        money.shortfall_rank
    from {{ ref('project_disbursement') }} as money
    left join {{ ref('dim_project') }} as names on money.project_code = names.project_code
    where money.is_default_denominator
),

of_key_items as (
    select
        items.directive,
        items.item,
        case when min(projects.board_code) = max(projects.board_code) then min(projects.board_code) end as board_code,
        sum(projects.shortfall_vnd) <= 0 as is_in_time
    from items
    inner join projects
        on
            items.key_item = projects.key_item
            and items.budget_year = projects.budget_year
    where items.key_item is not null
    group by items.directive, items.item
),

milestones as (
    select
        directive,
        milestone,
        milestone_on,
        needed_vnd,
        needed_per_working_day_vnd,
        working_days_left,
        row_number() over (partition by directive, milestone order by on_date desc) as row_number
    from {{ ref('disbursement_vs_target') }}
    where is_target_denominator and milestone is not null and needed_vnd is not null
)

select
    items.directive,
    items.item,
    boards.agency_code as responsible_agency_code,
    coalesce(of_key_items.is_in_time, false) as is_in_time,
    cast(round(milestones.needed_vnd / 1000000000, 2) as decimal(18, 2)) as needed_bn,
    cast(round(milestones.needed_per_working_day_vnd / 1000000000, 2) as decimal(18, 2)) as needed_per_working_day_bn,
    milestones.working_days_left,
    case when behind.shortfall_vnd > 0 then behind.project_name_vi end as slowest_project_vi,
    case when behind.shortfall_vnd > 0 then behind.project_name_en end as slowest_project_en,
    case
        when behind.shortfall_vnd > 0 then cast(round(behind.shortfall_vnd / 1000000000, 2) as decimal(18, 2))
    end as slowest_short_bn
from items
left join of_key_items
    on
        items.directive = of_key_items.directive
        and items.item = of_key_items.item
left join {{ ref('boards') }} as boards on of_key_items.board_code = boards.board_code
left join milestones
    on
        items.directive = milestones.directive
        and items.item = milestones.milestone
        and milestones.row_number = 1
left join projects as behind
    on
        items.board_code = behind.board_code
        and items.budget_year = behind.budget_year
        and items.threshold is not null
        and behind.shortfall_rank = 1

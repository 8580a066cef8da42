-- What the next step of an item about disbursement speaks of: the board whose projects these are, what is still to be
-- disbursed and by when, which of its projects lies furthest behind, and whether those that an item names keep up.
with items as (
    select
        directive,
        item,
        board_code,
        key_item
    from {{ ref('directive_items') }}
    where indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
),

projects as (
    select
        chosen.directive,
        chosen.item,
        money.project_code,
        money.board_code,
        money.shortfall_vnd,
        coalesce(names.project_name_vi, money.name) as project_name_vi,
        coalesce(names.project_name_en, money.name) as project_name_en,
        row_number() over (
            partition by chosen.directive, chosen.item
            order by money.shortfall_vnd desc nulls last, money.project_code asc
        ) as row_number
    from {{ ref('int_disbursement_item_projects') }} as chosen
    inner join {{ ref('project_disbursement') }} as money
        on
            chosen.project_code = money.project_code
            and chosen.budget_year = money.budget_year
            and money.is_default_denominator
    left join {{ ref('dim_project') }} as names on money.project_code = names.project_code
    where not chosen.is_year_before
),

of_items as (
    select
        directive,
        item,
        count(*) as n_projects,
        case when min(board_code) = max(board_code) then min(board_code) end as board_code,
        sum(shortfall_vnd) <= 0 as is_in_time
    from projects
    group by directive, item
)

select
    items.directive,
    items.item,
    case when items.key_item is not null then boards.agency_code end as responsible_agency_code,
    coalesce(items.key_item is not null and of_items.is_in_time, false) as is_in_time,
    cast(of_items.n_projects as integer) as n_projects,
    cast(round(verdicts.needed_vnd / 1000000000, 2) as decimal(18, 2)) as needed_bn,
    cast(
        round(cast(ceil(verdicts.needed_vnd / nullif(verdicts.working_days_left, 0)) as decimal(18, 0)) / 1000000000, 2)
        as decimal(18, 2)
    ) as needed_per_working_day_bn,
    verdicts.working_days_left,
    case when behind.shortfall_vnd > 0 then behind.project_name_vi end as slowest_project_vi,
    case when behind.shortfall_vnd > 0 then behind.project_name_en end as slowest_project_en,
    case when items.board_code = 'PROVINCE' then owners.name_vi end as slowest_board_vi,
    case when items.board_code = 'PROVINCE' then owners.name_en end as slowest_board_en,
    case
        when behind.shortfall_vnd > 0 then cast(round(behind.shortfall_vnd / 1000000000, 2) as decimal(18, 2))
    end as slowest_short_bn
from items
left join of_items
    on
        items.directive = of_items.directive
        and items.item = of_items.item
left join {{ ref('boards') }} as boards on of_items.board_code = boards.board_code
left join {{ ref('int_disbursement_item_verdicts') }} as verdicts
    on
        items.directive = verdicts.directive
        and items.item = verdicts.item
left join projects as behind
    on
        items.directive = behind.directive
        and items.item = behind.item
        and behind.row_number = 1
left join {{ ref('boards') }} as owners on behind.board_code = owners.board_code

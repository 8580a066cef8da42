-- The projects that an item of the directive names: by key item, or the largest plans of the boards that lead it.
with items as (
    select
        directive,
        item,
        indicator,
        key_item,
        denominator,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
),

large_projects as (
    select {{ assumption('large_project_count') }} as large_project_count
    from {{ ref('assumptions') }}
),

large_plans as (
    select
        items.directive,
        items.item,
        projects.project_code,
        projects.budget_year,
        projects.denominator,
        projects.on_date,
        projects.plan_vnd,
        projects.remaining_vnd,
        projects.released_on,
        projects.is_simulated,
        row_number() over (partition by items.directive, items.item order by projects.plan_rank) as row_number
    from items
    inner join {{ ref('int_disbursement_item_boards') }} as item_boards
        on
            items.directive = item_boards.directive
            and items.item = item_boards.item
    inner join {{ ref('int_project_disbursement') }} as projects
        on
            projects.is_newest
            and item_boards.board_code = projects.board_code
            and items.budget_year = projects.budget_year
            and items.denominator = projects.denominator
    where items.indicator = 'large_projects_disbursed_rate' and projects.plan_rank is not null
)

select
    items.directive,
    items.item,
    named.project_code,
    named.budget_year,
    named.denominator,
    named.on_date,
    named.plan_vnd,
    named.remaining_vnd,
    named.released_on,
    named.is_simulated
from items
inner join {{ ref('dim_project') }} as register on items.key_item = register.key_item
inner join {{ ref('int_project_disbursement') }} as named
    on
        named.is_newest
        and register.project_code = named.project_code
        and items.budget_year = named.budget_year
        and items.denominator = named.denominator
where items.indicator = 'public_investment_disbursed_rate'
union all
select
    large_plans.directive,
    large_plans.item,
    large_plans.project_code,
    large_plans.budget_year,
    large_plans.denominator,
    large_plans.on_date,
    large_plans.plan_vnd,
    large_plans.remaining_vnd,
    large_plans.released_on,
    large_plans.is_simulated
from large_plans
cross join large_projects
where large_plans.row_number <= large_projects.large_project_count

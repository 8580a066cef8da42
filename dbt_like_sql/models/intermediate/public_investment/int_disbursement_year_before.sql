-- What the disbursed share of a task was on the same day a year before, on that year's plan and the same denominator:
-- of the province, of the same projects, of the largest plans of that year. A published rate stands beside a published
-- one. Without money known for that day there is no row.
with items as (
    select
        directive,
        item,
        indicator,
        area_code,
        board_code,
        key_item,
        denominator,
        {{ year_number('period') }} - 1 as budget_year_before
    from {{ ref('directive_items') }}
    where
        indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
        and threshold is null
),

days as (
    select
        directive,
        item,
        coalesce(money_known_on, on_date) as on_date
    from {{ ref('int_disbursement_item_days') }}
    union
    select
        directive,
        item,
        on_date
    from {{ ref('int_disbursement_item_projects') }}
    union
    select
        items.directive,
        items.item,
        try_cast(figures.period as date) as on_date
    from items
    inner join {{ ref('stg_published_figures') }} as figures
        on
            items.area_code = figures.area_code
            and items.indicator = figures.indicator
    where try_cast(figures.period as date) is not null
),

asked as (
    select
        items.*,
        days.on_date,
        make_date(
            year(days.on_date) - 1,
            month(days.on_date),
            case
                when month(days.on_date) = 2 and day(days.on_date) = 29 then 28
                else day(days.on_date)
            end
        ) as on_date_before
    from items
    inner join days
        on
            items.directive = days.directive
            and items.item = days.item
),

projects as (
    select
        asked.directive,
        asked.item,
        asked.indicator,
        asked.on_date,
        budget_lines.project_code,
        sum(budget_lines.plan_vnd) as plan_vnd,
        sum(budget_lines.disbursed_vnd - budget_lines.over_disbursed_vnd) as counted_vnd,
        {{ any_simulated('budget_lines.is_simulated') }} as is_simulated
    from asked
    inner join {{ ref('int_disbursement_days') }} as known
        on
            asked.budget_year_before = known.budget_year
            and asked.on_date_before = known.on_date
            and known.is_money_known
    inner join {{ ref('denominators') }} as denominators on asked.denominator = denominators.denominator
    inner join {{ ref('int_budget_lines') }} as budget_lines
        on
            asked.budget_year_before = budget_lines.budget_year
            and asked.on_date_before between budget_lines.holds_from_on and budget_lines.holds_to_on
            and denominators.plan_component = budget_lines.plan_component
    left join {{ ref('dim_project') }} as register on budget_lines.project_code = register.project_code
    left join {{ ref('int_disbursement_item_boards') }} as led
        on
            asked.directive = led.directive
            and asked.item = led.item
            and register.board_code = led.board_code
    where
        budget_lines.plan_vnd > 0
        and case
            when asked.indicator = 'large_projects_disbursed_rate' then led.board_code is not null
            when asked.board_code = 'PROVINCE' then true
            when asked.key_item is not null then asked.key_item = register.key_item
            else asked.board_code = register.board_code
        end
    group by asked.directive, asked.item, asked.indicator, asked.on_date, budget_lines.project_code
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item, on_date order by plan_vnd desc, project_code asc
        ) as plan_rank
    from projects
),

large_projects as (
    select {{ assumption('large_project_count') }} as large_project_count
    from {{ ref('assumptions') }}
),

published as (
    select
        asked.directive,
        asked.item,
        asked.on_date,
        cast(figures.value as decimal(12, 4)) as disbursed_pct,
        figures.is_simulated,
        row_number() over (
            partition by asked.directive, asked.item, asked.on_date
            order by figures.is_simulated asc, figures.released_on desc, figures.delivery_id desc
        ) as row_number
    from asked
    inner join {{ ref('stg_published_figures') }} as figures
        on
            asked.area_code = figures.area_code
            and asked.indicator = figures.indicator
            and cast(asked.on_date_before as varchar) = figures.period
    left join {{ ref('published_rate_denominators') }} as named_sums
        on
            figures.indicator = named_sums.indicator
            and figures.area_code = named_sums.area_code
            and figures.period = named_sums.period
    where
        asked.board_code = 'PROVINCE'
        and figures.measure = 'ratio'
        and figures.unit = 'percent'
        and asked.denominator = {{ published_denominator('figures', 'named_sums') }}
)

select
    ranked.directive,
    ranked.item,
    'computed_from_vouchers' as evidence_basis,
    ranked.on_date,
    cast(
        round(cast(sum(ranked.counted_vnd) as double) * 100 / cast(sum(ranked.plan_vnd) as double), 4)
        as decimal(12, 4)
    ) as value_year_before,
    {{ any_simulated('ranked.is_simulated') }} as is_simulated
from ranked
cross join large_projects
where ranked.indicator <> 'large_projects_disbursed_rate' or ranked.plan_rank <= large_projects.large_project_count
group by ranked.directive, ranked.item, ranked.on_date
union all
select
    directive,
    item,
    'published_rate' as evidence_basis,
    on_date,
    disbursed_pct as value_year_before,
    is_simulated
from published
where row_number = 1

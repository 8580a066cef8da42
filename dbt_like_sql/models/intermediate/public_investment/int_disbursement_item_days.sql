-- A target is judged on its day, with the newest money known by then; before that day, and for a task, the newest day
-- whose money is known is used.
with items as (
    select
        directive,
        item,
        board_code,
        threshold,
        deadline_on,
        denominator,
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator = 'public_investment_disbursed_rate'
),

ranked as (
    select
        items.directive,
        items.item,
        boards.on_date,
        boards.money_known_on,
        money.plan_vnd,
        money.counted_vnd,
        money.disbursed_pct,
        boards.progress_ratio,
        boards.expected_pct,
        boards.expected_basis,
        boards.expected_years,
        case
            when plans.plan_at_directive_vnd > 0
                then
                    cast(
                        round(
                            cast(money.counted_vnd as double) * 100
                            / cast(plans.plan_at_directive_vnd as double),
                            4
                        ) as decimal(12, 4)
                    )
        end as disbursed_of_plan_at_directive_pct,
        boards.status_reason_en as day_reason_en,
        boards.status_reason_vi as day_reason_vi,
        boards.released_on,
        boards.is_simulated,
        row_number() over (
            partition by items.directive, items.item
            order by
                case when items.threshold is not null and boards.on_date = items.deadline_on then 0 else 1 end asc,
                case when money.disbursed_pct is not null then 0 else 1 end asc,
                boards.on_date desc
        ) as row_number
    from items
    inner join {{ ref('disbursement_vs_target') }} as boards
        on
            items.board_code = boards.board_code
            and items.budget_year = boards.budget_year
            and items.denominator = boards.denominator
    -- The money is that of the latest day on or before it for which the data of the Treasury are complete.
    left join {{ ref('int_board_disbursement') }} as money
        on
            boards.board_code = money.board_code
            and boards.budget_year = money.budget_year
            and coalesce(boards.money_known_on, boards.on_date) = money.on_date
            and boards.denominator = money.denominator
    left join {{ ref('int_board_plan_at_directive') }} as plans
        on
            items.directive = plans.directive
            and boards.board_code = plans.board_code
            and boards.budget_year = plans.budget_year
            and coalesce(boards.money_known_on, boards.on_date) = plans.on_date
            and boards.denominator = plans.denominator
    left join {{ ref('budget_years') }} as budget_years on items.budget_year = budget_years.budget_year
    where
        (items.threshold is null or boards.on_date <= items.deadline_on)
        and boards.on_date <= coalesce(budget_years.closes_on, {{ usual_closing_of('items.budget_year') }})
)

select
    directive,
    item,
    on_date,
    money_known_on,
    plan_vnd,
    counted_vnd,
    disbursed_pct,
    progress_ratio,
    expected_pct,
    expected_basis,
    expected_years,
    disbursed_of_plan_at_directive_pct,
    day_reason_en,
    day_reason_vi,
    released_on,
    is_simulated
from ranked
where row_number = 1

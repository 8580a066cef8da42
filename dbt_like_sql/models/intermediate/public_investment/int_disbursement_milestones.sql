-- Where two directives name the same day, the stricter threshold is used here; the scorecard still judges each item by
-- its own.
with ranked as (
    select
        items.board_code,
        {{ year_number('items.period') }} as budget_year,
        items.deadline_on as milestone_on,
        items.directive,
        items.item as milestone,
        items.comparator,
        items.threshold as threshold_pct,
        items.denominator as target_denominator,
        row_number() over (
            partition by items.board_code, {{ year_text('items.period') }}, items.deadline_on
            order by items.threshold desc, items.directive desc, items.item asc
        ) as row_number
    from {{ ref('directive_items') }} as items
    where
        items.indicator = 'public_investment_disbursed_rate'
        and items.board_code is not null
        and items.threshold is not null
)

select
    ranked.board_code,
    ranked.budget_year,
    ranked.milestone_on,
    ranked.directive,
    ranked.milestone,
    ranked.comparator,
    cast(ranked.threshold_pct as decimal(12, 4)) as threshold_pct,
    ranked.target_denominator,
    coalesce(
        lag(ranked.milestone_on) over board_year,
        coalesce(budget_years.opens_on, make_date(ranked.budget_year, 1, 1)) - 1
    ) as previous_milestone_on,
    cast(coalesce(lag(ranked.threshold_pct) over board_year, 0) as decimal(12, 4)) as previous_threshold_pct
from ranked
left join {{ ref('budget_years') }} as budget_years on ranked.budget_year = budget_years.budget_year
where ranked.row_number = 1
window board_year as (partition by ranked.board_code, ranked.budget_year order by ranked.milestone_on)

-- The course of a budget year, for charts: what was expected, what was reached, and where the year before stood on the
-- same day. Days to come have only what is expected of them.
with reached as (
    select
        case totals.board_code when 'PROVINCE' then 'province' else 'board' end as curve_of,
        totals.board_code as curve_code,
        boards.name_vi as curve_name_vi,
        boards.name_en as curve_name_en,
        totals.budget_year,
        totals.on_date,
        totals.denominator,
        totals.plan_vnd,
        totals.disbursed_vnd,
        totals.over_disbursed_vnd,
        totals.advances_outstanding_vnd,
        totals.adjustments_vnd,
        days.is_money_known,
        totals.is_simulated
    from {{ ref('int_board_disbursement') }} as totals
    inner join {{ ref('int_disbursement_days') }} as days
        on
            totals.budget_year = days.budget_year
            and totals.on_date = days.on_date
    left join {{ ref('dim_board') }} as boards on totals.board_code = boards.board_code
    union all
    select
        'key_project' as curve_of,
        projects.key_item as curve_code,
        max(projects.project_name_vi) as curve_name_vi,
        max(projects.project_name_en) as curve_name_en,
        budget_lines.budget_year,
        days.on_date,
        denominators.denominator,
        sum(budget_lines.plan_vnd) as plan_vnd,
        case when days.is_money_known then sum(budget_lines.disbursed_vnd) end as disbursed_vnd,
        case when days.is_money_known then sum(budget_lines.over_disbursed_vnd) end as over_disbursed_vnd,
        case when days.is_money_known then sum(budget_lines.advances_outstanding_vnd) end as advances_outstanding_vnd,
        case when days.is_money_known then sum(budget_lines.adjustments_vnd) end as adjustments_vnd,
        days.is_money_known,
        {{ any_simulated('budget_lines.is_simulated') }} as is_simulated
    from {{ ref('int_budget_lines') }} as budget_lines
    inner join {{ ref('dim_project') }} as projects on budget_lines.project_code = projects.project_code
    inner join {{ ref('denominators') }} as denominators on budget_lines.plan_component = denominators.plan_component
    inner join {{ ref('int_disbursement_days') }} as days
        on
            budget_lines.budget_year = days.budget_year
            and days.on_date between budget_lines.holds_from_on and budget_lines.holds_to_on
    where projects.key_item is not null
    group by projects.key_item, budget_lines.budget_year, days.on_date, days.is_money_known, denominators.denominator
),

shares as (
    select
        *,
        case
            when is_money_known and plan_vnd > 0
                then
                    cast(
                        round(
                            cast(coalesce(disbursed_vnd, 0) - coalesce(over_disbursed_vnd, 0) as double)
                            * 100 / cast(plan_vnd as double),
                            4
                        ) as decimal(12, 4)
                    )
        end as disbursed_pct
    from reached
),

curves as (
    select
        curve_of,
        curve_code,
        budget_year,
        denominator,
        max(curve_name_vi) as curve_name_vi,
        max(curve_name_en) as curve_name_en,
        {{ any_simulated('is_simulated') }} as is_simulated
    from reached
    group by curve_of, curve_code, budget_year, denominator
),

drawn as (
    select
        curves.curve_of,
        curves.curve_code,
        curves.curve_name_vi,
        curves.curve_name_en,
        curves.budget_year,
        calendar.on_date,
        curves.denominator,
        {{ day_year_before('calendar.on_date') }} as year_before_on,
        curves.is_simulated,
        {{ simulated_only_beside_simulated('curves', 'curves_before') }} as may_show_year_before
    from curves
    inner join {{ ref('int_budget_calendar') }} as calendar on curves.budget_year = calendar.budget_year
    left join curves as curves_before
        on
            curves.curve_of = curves_before.curve_of
            and curves.curve_code = curves_before.curve_code
            and curves.budget_year = curves_before.budget_year + 1
            and curves.denominator = curves_before.denominator
)

select
    drawn.curve_of,
    drawn.curve_code,
    drawn.curve_name_vi,
    drawn.curve_name_en,
    drawn.budget_year,
    drawn.on_date,
    drawn.denominator,
    cast(reached.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(
        case when reached.is_money_known then coalesce(reached.disbursed_vnd, 0) end as decimal(18, 0)
    ) as disbursed_vnd,
    cast(reached.over_disbursed_vnd as decimal(18, 0)) as over_disbursed_vnd,
    cast(reached.advances_outstanding_vnd as decimal(18, 0)) as advances_outstanding_vnd,
    cast(reached.adjustments_vnd as decimal(18, 0)) as adjustments_vnd,
    reached.disbursed_pct,
    cast(expected.expected_share_pct as decimal(12, 4)) as expected_pct,
    expected.expected_basis,
    expected.expected_years,
    before.disbursed_pct as disbursed_year_before_pct,
    drawn.is_simulated
from drawn
left join shares as reached
    on
        drawn.curve_of = reached.curve_of
        and drawn.curve_code = reached.curve_code
        and drawn.budget_year = reached.budget_year
        and drawn.on_date = reached.on_date
        and drawn.denominator = reached.denominator
left join shares as before
    on
        drawn.curve_of = before.curve_of
        and drawn.curve_code = before.curve_code
        and drawn.budget_year = before.budget_year + 1
        and drawn.year_before_on = before.on_date
        and drawn.denominator = before.denominator
        and drawn.may_show_year_before
left join {{ ref('int_disbursement_expected') }} as expected
    on
        drawn.curve_of = 'board'
        and drawn.curve_code = expected.board_code
        and drawn.budget_year = expected.budget_year
        and drawn.on_date = expected.on_date
        and drawn.denominator = expected.denominator
        and drawn.is_simulated = expected.for_simulated
order by drawn.curve_of, drawn.curve_code, drawn.budget_year, drawn.on_date, drawn.denominator

-- Board totals come from projects; the province is the sum of its boards, projects without a known board included.
with counted as (
    select
        cells.board_code,
        cells.budget_year,
        cells.on_date,
        denominators.denominator,
        cells.plan_vnd,
        cells.plan_at_directive_vnd,
        cells.disbursed_vnd,
        cells.over_disbursed_vnd,
        cells.advances_outstanding_vnd,
        cells.released_on,
        cells.is_simulated
    from {{ ref('int_disbursement_cells') }} as cells
    inner join {{ ref('denominators') }} as denominators on cells.plan_component = denominators.plan_component
),

with_province as (
    select * from counted
    union all
    select
        'PROVINCE' as board_code,
        budget_year,
        on_date,
        denominator,
        plan_vnd,
        plan_at_directive_vnd,
        disbursed_vnd,
        over_disbursed_vnd,
        advances_outstanding_vnd,
        released_on,
        is_simulated
    from counted
),

totals as (
    select
        board_code,
        budget_year,
        on_date,
        denominator,
        sum(plan_vnd) as plan_vnd,
        sum(plan_at_directive_vnd) as plan_at_directive_vnd,
        sum(disbursed_vnd) as disbursed_vnd,
        sum(over_disbursed_vnd) as over_disbursed_vnd,
        sum(advances_outstanding_vnd) as advances_outstanding_vnd,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from with_province
    group by board_code, budget_year, on_date, denominator
),

named as (
    select distinct
        items.board_code,
        days.budget_year,
        days.on_date,
        denominators.denominator
    from {{ ref('directive_items') }} as items
    inner join {{ ref('int_disbursement_days') }} as days
        on days.budget_year = cast({{ year_of('items.period') }} as integer)
    cross join {{ ref('denominators') }} as denominators
    where items.indicator = 'public_investment_disbursed_rate' and items.board_code is not null
),

shown as (
    select
        board_code,
        budget_year,
        on_date,
        denominator
    from totals
    union
    select
        board_code,
        budget_year,
        on_date,
        denominator
    from named
)

select
    shown.board_code,
    shown.budget_year,
    shown.on_date,
    shown.denominator,
    cast(totals.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(totals.plan_at_directive_vnd as decimal(18, 0)) as plan_at_directive_vnd,
    cast(totals.disbursed_vnd as decimal(18, 0)) as disbursed_vnd,
    cast(
        case when totals.plan_vnd is not null then totals.over_disbursed_vnd end as decimal(18, 0)
    ) as over_disbursed_vnd,
    cast(totals.advances_outstanding_vnd as decimal(18, 0)) as advances_outstanding_vnd,
    totals.released_on,
    coalesce(totals.is_simulated, false) as is_simulated
from shown
left join totals
    on
        shown.board_code = totals.board_code
        and shown.budget_year = totals.budget_year
        and shown.on_date = totals.on_date
        and shown.denominator = totals.denominator

-- Precedence: computed from real vouchers, then published, then computed from simulated vouchers.
with items as (
    select
        directive,
        item,
        indicator,
        area_code,
        board_code,
        key_item,
        threshold,
        deadline_on,
        denominator,
        cast(substr(period, 1, 4) as integer) as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
),

treasury as (
    select max(released_on) as released_on
    from {{ ref('stg_deliveries') }}
    where feed = 'treasury_disbursement' and status in ('accepted', 'accepted_in_part')
),

-- A target is judged on its day; before that day, and for a task, the newest day whose money is known speaks.
board_days as (
    select
        items.directive,
        items.item,
        boards.on_date,
        boards.plan_vnd,
        boards.disbursed_vnd,
        boards.over_disbursed_vnd,
        boards.disbursed_pct,
        boards.progress_ratio,
        boards.expected_pct,
        boards.status as day_status,
        boards.status_reason as day_reason_en,
        boards.status_reason_vi as day_reason_vi,
        boards.released_on,
        boards.is_simulated,
        row_number() over (
            partition by items.directive, items.item
            order by
                case when items.threshold is not null and boards.on_date = items.deadline_on then 0 else 1 end asc,
                case when boards.disbursed_pct is not null then 0 else 1 end asc,
                boards.on_date desc
        ) as place
    from items
    inner join {{ ref('disbursement_vs_target') }} as boards
        on
            items.board_code = boards.board_code
            and items.budget_year = boards.budget_year
            and items.denominator = boards.denominator
    left join {{ ref('budget_years') }} as budget_years on items.budget_year = budget_years.budget_year
    where
        (items.threshold is null or boards.on_date <= items.deadline_on)
        and boards.on_date <= coalesce(budget_years.closes_on, make_date(items.budget_year + 1, 1, 31))
),

project_totals as (
    select
        directive,
        item,
        max(on_date) as on_date,
        sum(plan_vnd) as plan_vnd,
        case when count(*) = count(remaining_vnd) then sum(plan_vnd - remaining_vnd) end as counted_vnd,
        max(released_on) as released_on,
        max(case when is_simulated then 1 else 0 end) = 1 as is_simulated
    from {{ ref('int_disbursement_item_projects') }}
    where plan_vnd is not null
    group by directive, item
),

said as (
    select
        items.directive,
        items.item,
        figures.period as evidence_period,
        cast(figures.value as decimal(12, 4)) as disbursed_pct,
        figures.released_on,
        figures.publisher,
        figures.delivery_id,
        figures.is_simulated,
        row_number() over (
            partition by items.directive, items.item
            order by figures.is_simulated asc, figures.period desc, figures.released_on desc, figures.delivery_id desc
        ) as place
    from items
    inner join {{ ref('stg_published_figures') }} as figures
        on
            items.area_code = figures.area_code
            and items.indicator = figures.indicator
            and items.budget_year = figures.calendar_year
    left join {{ ref('published_rate_denominators') }} as named_sums
        on
            figures.indicator = named_sums.indicator
            and figures.area_code = named_sums.area_code
            and figures.period = named_sums.period
    where
        items.board_code = 'PROVINCE'
        and figures.measure = 'ratio'
        and figures.unit = 'percent'
        and items.denominator = coalesce(
            named_sums.denominator,
            case
                when lower(figures.note) like '%denominator: plan assigned by the prime minister%' then 'pm_assigned'
            end
        )
),

candidates as (
    select
        directive,
        item,
        'computed_from_vouchers' as evidence_basis,
        cast(on_date as varchar) as evidence_period,
        on_date,
        plan_vnd,
        case when disbursed_pct is not null then disbursed_vnd - coalesce(over_disbursed_vnd, 0) end as counted_vnd,
        disbursed_pct,
        progress_ratio,
        expected_pct,
        day_reason_en,
        day_reason_vi,
        released_on,
        cast(null as varchar) as publisher,
        cast(null as varchar) as delivery_id,
        is_simulated,
        case when is_simulated then 3 else 1 end as basis_place
    from board_days
    where place = 1
    union all
    select
        directive,
        item,
        'computed_from_vouchers' as evidence_basis,
        cast(on_date as varchar) as evidence_period,
        on_date,
        plan_vnd,
        counted_vnd,
        cast(
            case
                when plan_vnd > 0 then round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4)
            end as decimal(12, 4)
        ) as disbursed_pct,
        cast(null as decimal(12, 4)) as progress_ratio,
        cast(null as decimal(12, 4)) as expected_pct,
        'Part of the Treasury data or of the plan is missing: the total is unknown, not zero' as day_reason_en,
        'Thiếu một phần chứng từ Kho bạc hoặc kế hoạch vốn: chưa biết tổng số, không phải bằng 0' as day_reason_vi,
        released_on,
        cast(null as varchar) as publisher,
        cast(null as varchar) as delivery_id,
        is_simulated,
        case when is_simulated then 3 else 1 end as basis_place
    from project_totals
    union all
    select
        directive,
        item,
        'published_rate' as evidence_basis,
        evidence_period,
        try_cast(evidence_period as date) as on_date,
        cast(null as decimal(18, 0)) as plan_vnd,
        cast(null as decimal(18, 0)) as counted_vnd,
        disbursed_pct,
        cast(null as decimal(12, 4)) as progress_ratio,
        cast(null as decimal(12, 4)) as expected_pct,
        cast(null as varchar) as day_reason_en,
        cast(null as varchar) as day_reason_vi,
        released_on,
        publisher,
        delivery_id,
        is_simulated,
        2 as basis_place
    from said
    where place = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item
            order by case when disbursed_pct is not null then 0 else 1 end asc, is_simulated asc, basis_place asc
        ) as place
    from candidates
),

newest_deliveries as (
    select
        deliveries.released_on,
        max(deliveries.delivery_id) as delivery_id,
        max(deliveries.supplier) as supplier
    from {{ ref('stg_deliveries') }} as deliveries
    where deliveries.feed = 'treasury_disbursement' and deliveries.status in ('accepted', 'accepted_in_part')
    group by deliveries.released_on
)

select
    items.directive,
    items.item,
    ranked.evidence_basis,
    ranked.evidence_period,
    ranked.disbursed_pct,
    cast(ranked.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(ranked.counted_vnd as decimal(18, 0)) as counted_vnd,
    ranked.progress_ratio,
    ranked.expected_pct,
    coalesce(ranked.on_date = items.deadline_on, false) as covers_target_period,
    ranked.day_reason_en,
    ranked.day_reason_vi,
    case
        when ranked.evidence_basis = 'published_rate' then ranked.released_on
        when ranked.disbursed_pct is not null then coalesce(ranked.released_on, treasury.released_on)
    end as released_on,
    case
        when ranked.disbursed_pct is not null then coalesce(ranked.publisher, newest_deliveries.supplier)
    end as publisher,
    case
        when ranked.disbursed_pct is not null then coalesce(ranked.delivery_id, newest_deliveries.delivery_id)
    end as delivery_id,
    coalesce(ranked.disbursed_pct is not null and ranked.is_simulated, false) as is_simulated
from items
cross join treasury
left join ranked
    on
        items.directive = ranked.directive
        and items.item = ranked.item
        and ranked.place = 1
left join newest_deliveries on coalesce(ranked.released_on, treasury.released_on) = newest_deliveries.released_on

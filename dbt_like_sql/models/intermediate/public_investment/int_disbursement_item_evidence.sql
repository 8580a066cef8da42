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
        {{ year_number('period') }} as budget_year
    from {{ ref('directive_items') }}
    where indicator in ('public_investment_disbursed_rate', 'large_projects_disbursed_rate')
),

treasury as (
    select max(released_on) as released_on
    from {{ ref('stg_deliveries') }}
    where feed = 'treasury_disbursement' and status in ('accepted', 'accepted_in_part')
),

denominator_names as (
    select distinct
        denominator,
        label_en,
        label_vi
    from {{ ref('denominators') }}
),

-- The share of one day on all denominators: each counts only money paid on its own components.
other_shares as (
    select
        board_days.directive,
        board_days.item,
        boards.denominator,
        to_json({
            'share_pct': cast(round(boards.disbursed_pct, 2) as decimal(12, 2)),
            'label_en': names.label_en,
            'label_vi': names.label_vi
        }) as share_values
    from {{ ref('int_disbursement_item_days') }} as board_days
    inner join items
        on
            board_days.directive = items.directive
            and board_days.item = items.item
    inner join {{ ref('disbursement_vs_target') }} as boards
        on
            items.board_code = boards.board_code
            and items.budget_year = boards.budget_year
            and board_days.on_date = boards.on_date
            and items.denominator <> boards.denominator
    inner join denominator_names as names on boards.denominator = names.denominator
    where items.threshold is null and boards.disbursed_pct is not null
),

board_denominators as (
    select
        directive,
        item,
        string_agg(message_en('shares_one', share_values), ', ' order by denominator) as shares_en,
        string_agg(message_vi('shares_one', share_values), '; ' order by denominator) as shares_vi
    from other_shares
    group by directive, item
),

-- How much of the plan of the boards that lead the item the largest plans make up.
led_plans as (
    select
        items.directive,
        items.item,
        sum(projects.plan_vnd) as led_plan_vnd
    from items
    inner join {{ ref('int_disbursement_item_boards') }} as item_boards
        on
            items.directive = item_boards.directive
            and items.item = item_boards.item
    inner join {{ ref('project_disbursement') }} as projects
        on
            item_boards.board_code = projects.board_code
            and items.budget_year = projects.budget_year
            and items.denominator = projects.denominator
    where items.indicator = 'large_projects_disbursed_rate'
    group by items.directive, items.item
),

large_projects as (
    select {{ assumption('large_project_count') }} as large_project_count
    from {{ ref('assumptions') }}
),

large_shares as (
    select
        led_plans.directive,
        led_plans.item,
        large_projects.large_project_count,
        count(projects.plan_vnd) as counted_projects,
        cast(
            round(
                cast(sum(projects.plan_vnd) as double) * 100 / cast(nullif(led_plans.led_plan_vnd, 0) as double), 2
            ) as decimal(12, 2)
        ) as large_plans_pct
    from led_plans
    inner join {{ ref('int_disbursement_item_projects') }} as projects
        on
            led_plans.directive = projects.directive
            and led_plans.item = projects.item
    cross join large_projects
    group by led_plans.directive, led_plans.item, led_plans.led_plan_vnd, large_projects.large_project_count
),

project_sums as (
    select
        directive,
        item,
        max(on_date) as on_date,
        sum(plan_vnd) as plan_vnd,
        case when count(*) = count(remaining_vnd) then sum(plan_vnd - remaining_vnd) end as counted_vnd,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_disbursement_item_projects') }}
    where plan_vnd is not null
    group by directive, item
),

-- That a project was paid nothing is known too, from the first delivery of the Treasury that reaches the day.
reached as (
    select
        project_sums.directive,
        project_sums.item,
        min(deliveries.released_on) as released_on
    from project_sums
    inner join {{ ref('stg_deliveries') }} as deliveries on project_sums.on_date <= deliveries.released_on
    where deliveries.feed = 'treasury_disbursement' and deliveries.status in ('accepted', 'accepted_in_part')
    group by project_sums.directive, project_sums.item
),

project_totals as (
    select
        project_sums.directive,
        project_sums.item,
        project_sums.on_date,
        project_sums.plan_vnd,
        project_sums.counted_vnd,
        greatest(project_sums.released_on, coalesce(reached.released_on, project_sums.released_on)) as released_on,
        project_sums.is_simulated
    from project_sums
    left join reached
        on
            project_sums.directive = reached.directive
            and project_sums.item = reached.item
),

published as (
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
        ) as row_number
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
        and items.denominator = {{ published_denominator('figures', 'named_sums') }}
),

candidates as (
    select
        directive,
        item,
        'computed_from_vouchers' as evidence_basis,
        cast(coalesce(money_known_on, on_date) as varchar) as evidence_period,
        coalesce(money_known_on, on_date) as on_date,
        plan_vnd,
        counted_vnd,
        disbursed_pct,
        progress_ratio,
        expected_pct,
        expected_basis,
        expected_years,
        day_reason_en,
        day_reason_vi,
        released_on,
        cast(null as varchar) as publisher,
        cast(null as varchar) as delivery_id,
        is_simulated,
        case when is_simulated then 3 else 1 end as basis_rank,
        disbursed_of_plan_at_directive_pct
    from {{ ref('int_disbursement_item_days') }}
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
        cast(null as varchar) as expected_basis,
        cast(null as varchar) as expected_years,
        message_en('shares_part_missing', null) as day_reason_en,
        message_vi('shares_part_missing', null) as day_reason_vi,
        released_on,
        cast(null as varchar) as publisher,
        cast(null as varchar) as delivery_id,
        is_simulated,
        case when is_simulated then 3 else 1 end as basis_rank,
        cast(null as decimal(12, 4)) as disbursed_of_plan_at_directive_pct
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
        cast(null as varchar) as expected_basis,
        cast(null as varchar) as expected_years,
        cast(null as varchar) as day_reason_en,
        cast(null as varchar) as day_reason_vi,
        released_on,
        publisher,
        delivery_id,
        is_simulated,
        2 as basis_rank,
        cast(null as decimal(12, 4)) as disbursed_of_plan_at_directive_pct
    from published
    where row_number = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item
            order by case when disbursed_pct is not null then 0 else 1 end asc, is_simulated asc, basis_rank asc
        ) as row_number
    from candidates
),

with_messages as (
    select
        ranked.*,
        case when ranked.evidence_basis = 'computed_from_vouchers' then verdicts.status end as status,
        case
            when ranked.evidence_basis = 'computed_from_vouchers' and verdicts.detail_en is not null
                then 'detail_of_milestone'
        end as milestone_codes,
        case
            when ranked.evidence_basis = 'published_rate' or ranked.disbursed_pct is null then null
            when board_denominators.shares_vi is not null then 'shares_others'
            when large_shares.large_plans_pct is not null then 'shares_large_projects'
            when large_shares.counted_projects is null and ranked.disbursed_of_plan_at_directive_pct is not null
                then 'shares_at_directive'
        end as share_codes,
        to_json({
            'milestone_detail_en': verdicts.detail_en,
            'milestone_detail_vi': verdicts.detail_vi,
            'shares_en': board_denominators.shares_en,
            'shares_vi': board_denominators.shares_vi,
            'counted_projects': large_shares.counted_projects,
            'large_plans_pct': large_shares.large_plans_pct,
            'large_project_count': cast(large_shares.large_project_count as integer),
            'at_directive_pct': cast(round(ranked.disbursed_of_plan_at_directive_pct, 2) as decimal(12, 2))
        }) as detail_values
    from ranked
    left join board_denominators
        on
            ranked.directive = board_denominators.directive
            and ranked.item = board_denominators.item
    left join large_shares
        on
            ranked.directive = large_shares.directive
            and ranked.item = large_shares.item
    left join {{ ref('int_disbursement_item_verdicts') }} as verdicts
        on
            ranked.directive = verdicts.directive
            and ranked.item = verdicts.item
    where ranked.row_number = 1
),

detailed as (
    select
        *,
        case
            when milestone_codes is not null and share_codes is not null
                then concat_ws(' ', milestone_codes, 'detail_and', share_codes)
            else coalesce(milestone_codes, share_codes)
        end as detail_codes
    from with_messages
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
    detailed.evidence_basis,
    detailed.evidence_period,
    detailed.disbursed_pct,
    cast(detailed.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(detailed.counted_vnd as decimal(18, 0)) as counted_vnd,
    detailed.progress_ratio,
    detailed.disbursed_pct as actual,
    -- Thresholds are compared on exact numbers: a share computed from money is compared in money.
    cast(
        case
            when detailed.counted_vnd is not null and items.threshold is not null
                then
                    cast(detailed.counted_vnd as decimal(18, 0))
                    - {{ money_asked('detailed.plan_vnd', 'items.threshold') }}
            else cast(detailed.disbursed_pct - items.threshold as decimal(38, 6))
        end as decimal(38, 8)
    ) as sign_exact_difference,
    case when detailed.is_simulated or not before.is_simulated then before.value_year_before end as value_year_before,
    detailed.expected_pct,
    detailed.expected_basis,
    detailed.expected_years,
    message_en(detailed.detail_codes, detailed.detail_values) as detail_en,
    message_vi(detailed.detail_codes, detailed.detail_values) as detail_vi,
    coalesce(detailed.on_date = items.deadline_on, false) as covers_target_period,
    detailed.status,
    detailed.day_reason_en,
    detailed.day_reason_vi,
    case
        when detailed.evidence_basis = 'published_rate' then detailed.released_on
        when detailed.disbursed_pct is not null then coalesce(detailed.released_on, treasury.released_on)
    end as released_on,
    case
        when detailed.disbursed_pct is not null then coalesce(detailed.publisher, newest_deliveries.supplier)
    end as publisher,
    case
        when detailed.disbursed_pct is not null then coalesce(detailed.delivery_id, newest_deliveries.delivery_id)
    end as delivery_id,
    coalesce(detailed.disbursed_pct is not null and detailed.is_simulated, false) as is_simulated
from items
cross join treasury
left join detailed
    on
        items.directive = detailed.directive
        and items.item = detailed.item
left join {{ ref('int_disbursement_year_before') }} as before
    on
        detailed.directive = before.directive
        and detailed.item = before.item
        and detailed.evidence_basis = before.evidence_basis
        and detailed.on_date = before.on_date
left join newest_deliveries on coalesce(detailed.released_on, treasury.released_on) = newest_deliveries.released_on

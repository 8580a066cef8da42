-- Precedence: computed from real vouchers, then published, then computed from simulated vouchers.
with items as (
    select
        directive,
        item,
        indicator,
        board_code,
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

project_sums as (
    select
        directive,
        item,
        is_year_before,
        max(on_date) as on_date,
        sum(plan_vnd) as plan_vnd,
        case when count(*) = count(counted_vnd) then sum(counted_vnd) end as counted_vnd,
        max(plan_of_all_vnd) as plan_of_all_vnd,
        count(plan_vnd) as counted_projects,
        max(released_on) as released_on,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_disbursement_item_projects') }}
    group by directive, item, is_year_before
),

project_shares as (
    select
        *,
        cast(
            case
                when plan_vnd > 0 then round(cast(counted_vnd as double) * 100 / cast(plan_vnd as double), 4)
            end as decimal(12, 4)
        ) as disbursed_pct
    from project_sums
),

large_projects as (
    select {{ assumption('large_project_count') }} as large_project_count
    from {{ ref('assumptions') }}
),

-- How much of the plan of the boards that lead the item the largest plans make up.
large_shares as (
    select
        sums.directive,
        sums.item,
        sums.counted_projects,
        large_projects.large_project_count,
        cast(
            round(
                cast(sums.plan_vnd as double) * 100 / cast(nullif(sums.plan_of_all_vnd, 0) as double), 2
            ) as decimal(12, 2)
        ) as large_plans_pct
    from project_sums as sums
    inner join items
        on
            sums.directive = items.directive
            and sums.item = items.item
    cross join large_projects
    where items.indicator = 'large_projects_disbursed_rate' and not sums.is_year_before
),

-- That a project was paid nothing is known too, from the first delivery of the Treasury that reaches the day.
reached as (
    select
        sums.directive,
        sums.item,
        min(deliveries.released_on) as released_on
    from project_sums as sums
    inner join {{ ref('stg_deliveries') }} as deliveries on sums.on_date <= deliveries.released_on
    where
        deliveries.feed = 'treasury_disbursement'
        and deliveries.status in ('accepted', 'accepted_in_part')
        and not sums.is_year_before
    group by sums.directive, sums.item
),

-- An item of a board or of the province stands on the totals of its board, every other one on those of its projects.
project_totals as (
    select
        sums.*,
        greatest(sums.released_on, coalesce(reached.released_on, sums.released_on)) as known_since_on
    from project_shares as sums
    inner join items
        on
            sums.directive = items.directive
            and sums.item = items.item
    left join reached
        on
            sums.directive = reached.directive
            and sums.item = reached.item
    where items.board_code is null and not sums.is_year_before
),

year_before as (
    select
        directive,
        item,
        'computed_from_vouchers' as evidence_basis,
        disbursed_pct as value_year_before,
        is_simulated
    from project_shares
    where is_year_before
    union all
    select
        directive,
        item,
        'published_rate' as evidence_basis,
        disbursed_pct as value_year_before,
        is_simulated
    from {{ ref('int_disbursement_item_rates') }}
    where is_year_before
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
        disbursed_pct,
        cast(null as decimal(12, 4)) as progress_ratio,
        cast(null as decimal(12, 4)) as expected_pct,
        cast(null as varchar) as expected_basis,
        cast(null as varchar) as expected_years,
        message_en('shares_part_missing', null) as day_reason_en,
        message_vi('shares_part_missing', null) as day_reason_vi,
        known_since_on as released_on,
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
        on_date,
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
    from {{ ref('int_disbursement_item_rates') }}
    where not is_year_before
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
    case
        when {{ simulated_only_beside_simulated('detailed', 'year_before') }} then year_before.value_year_before
    end as value_year_before,
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
left join year_before
    on
        detailed.directive = year_before.directive
        and detailed.item = year_before.item
        and detailed.evidence_basis = year_before.evidence_basis
left join newest_deliveries on coalesce(detailed.released_on, treasury.released_on) = newest_deliveries.released_on

-- Whatever is known of an item, in one form. Thresholds are compared on exact numbers: a disbursed share on the money.
with treasury_schedule as (
    select max(case when feed = 'treasury_disbursement' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
),

disbursement_evidence as (
    select
        evidence.directive,
        evidence.item,
        evidence.evidence_basis,
        evidence.evidence_period,
        evidence.covers_target_period,
        evidence.disbursed_pct as actual,
        evidence.progress_ratio,
        evidence.expected_pct,
        evidence.expected_basis,
        evidence.expected_years,
        evidence.detail_en,
        evidence.detail_vi,
        evidence.day_reason_en,
        evidence.day_reason_vi,
        evidence.released_on,
        evidence.publisher,
        evidence.delivery_id,
        evidence.evidence_basis = 'published_rate' as is_estimate,
        evidence.is_simulated,
        case
            when evidence.counted_vnd is not null and items.threshold is not null
                then
                    evidence.counted_vnd
                    - cast(evidence.plan_vnd as decimal(24, 0))
                    * cast(items.threshold * cast(0.01 as decimal(3, 2)) as decimal(12, 6))
            else cast(evidence.disbursed_pct - items.threshold as decimal(38, 6))
        end as exact_difference,
        last_day(coalesce(budget_years.opens_on, make_date(cast(substr(items.period, 1, 4) as integer), 1, 1)))
        + coalesce(treasury_schedule.due_days, 0) < {{ var('as_of') }} as is_evidence_expected
    from {{ ref('int_disbursement_item_evidence') }} as evidence
    inner join {{ ref('directive_items') }} as items
        on
            evidence.directive = items.directive
            and evidence.item = items.item
    cross join treasury_schedule
    left join {{ ref('budget_years') }} as budget_years
        on budget_years.budget_year = cast(substr(items.period, 1, 4) as integer)
)

select
    directive,
    item,
    'growth' as evidence_family,
    evidence_basis,
    evidence_period,
    covers_target_period,
    actual,
    progress_ratio,
    cast(exact_difference as decimal(38, 8)) as exact_difference,
    is_evidence_expected,
    is_estimate,
    required_growth_rest_pct,
    is_required_within_history,
    revision_basis,
    mean_absolute_revision_pp,
    cast(null as decimal(12, 4)) as expected_pct,
    cast(null as varchar) as expected_basis,
    cast(null as varchar) as expected_years,
    cast(null as varchar) as given_status,
    cast(null as varchar) as given_reason_en,
    cast(null as varchar) as given_reason_vi,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from {{ ref('int_growth_item_evidence') }}
union all
select
    directive,
    item,
    'disbursement' as evidence_family,
    evidence_basis,
    evidence_period,
    covers_target_period,
    actual,
    progress_ratio,
    cast(exact_difference as decimal(38, 8)) as exact_difference,
    is_evidence_expected,
    is_estimate,
    cast(null as decimal(12, 4)) as required_growth_rest_pct,
    cast(null as boolean) as is_required_within_history,
    cast(null as varchar) as revision_basis,
    cast(null as decimal(12, 4)) as mean_absolute_revision_pp,
    expected_pct,
    expected_basis,
    expected_years,
    cast(null as varchar) as given_status,
    day_reason_en as given_reason_en,
    day_reason_vi as given_reason_vi,
    detail_en,
    detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from disbursement_evidence
union all
select
    directive,
    item,
    'capture' as evidence_family,
    'computed_from_lists' as evidence_basis,
    evidence_period,
    covers_target_period,
    captured_pct as actual,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 8)) as exact_difference,
    cast(null as boolean) as is_evidence_expected,
    true as is_estimate,
    cast(null as decimal(12, 4)) as required_growth_rest_pct,
    cast(null as boolean) as is_required_within_history,
    cast(null as varchar) as revision_basis,
    cast(null as decimal(12, 4)) as mean_absolute_revision_pp,
    cast(null as decimal(12, 4)) as expected_pct,
    cast(null as varchar) as expected_basis,
    cast(null as varchar) as expected_years,
    status as given_status,
    capture_reason_en as given_reason_en,
    capture_reason_vi as given_reason_vi,
    cast(null as varchar) as detail_en,
    cast(null as varchar) as detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from {{ ref('int_capture_item_evidence') }}
union all
select
    directive,
    item,
    'task' as evidence_family,
    evidence_basis,
    evidence_period,
    covers_target_period,
    actual,
    progress_ratio,
    cast(exact_difference as decimal(38, 8)) as exact_difference,
    cast(null as boolean) as is_evidence_expected,
    true as is_estimate,
    cast(null as decimal(12, 4)) as required_growth_rest_pct,
    cast(null as boolean) as is_required_within_history,
    cast(null as varchar) as revision_basis,
    cast(null as decimal(12, 4)) as mean_absolute_revision_pp,
    cast(null as decimal(12, 4)) as expected_pct,
    cast(null as varchar) as expected_basis,
    cast(null as varchar) as expected_years,
    cast(null as varchar) as given_status,
    cast(null as varchar) as given_reason_en,
    cast(null as varchar) as given_reason_vi,
    detail_en,
    detail_vi,
    released_on,
    publisher,
    delivery_id,
    is_simulated
from {{ ref('int_task_evidence') }}

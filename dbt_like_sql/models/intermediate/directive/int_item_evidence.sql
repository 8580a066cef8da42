-- Whatever is known of an item, in one form: what all evidence says, gathered from the models that declare indicators
-- (`evidence_of`), and what growth, disbursement and the capture of construction say beside it. All else is a task.
with evidence as (
    {{ item_evidence() }}
),

treasury_schedule as (
    select max(case when feed = 'treasury_disbursement' then due_days end) as due_days
    from {{ source('contracts', 'schedules') }}
),

disbursement as (
    select
        milestone.directive,
        milestone.item,
        milestone.evidence_basis,
        milestone.expected_pct,
        milestone.expected_basis,
        milestone.expected_years,
        milestone.status,
        milestone.day_reason_en,
        milestone.day_reason_vi,
        last_day(coalesce(budget_years.opens_on, make_date({{ year_number('items.period') }}, 1, 1)))
        + coalesce(treasury_schedule.due_days, 0) < {{ var('as_of') }} as is_evidence_expected
    from {{ ref('int_disbursement_item_evidence') }} as milestone
    inner join {{ ref('directive_items') }} as items
        on
            milestone.directive = items.directive
            and milestone.item = items.item
    cross join treasury_schedule
    left join {{ ref('budget_years') }} as budget_years
        on budget_years.budget_year = {{ year_number('items.period') }}
)

select
    evidence.directive,
    evidence.item,
    case
        when growth.item is not null then 'growth'
        when disbursement.item is not null then 'disbursement'
        when capture.item is not null then 'capture'
        else 'task'
    end as evidence_family,
    evidence.evidence_basis,
    evidence.evidence_period,
    evidence.covers_target_period,
    evidence.actual,
    evidence.value_year_before,
    evidence.progress_ratio,
    evidence.exact_difference,
    coalesce(growth.is_evidence_expected, disbursement.is_evidence_expected) as is_evidence_expected,
    case
        when growth.item is not null then growth.is_estimate
        when disbursement.item is not null then disbursement.evidence_basis = 'published_rate'
        else true
    end as is_estimate,
    growth.required_growth_rest_pct,
    growth.is_required_within_history,
    growth.revision_kind,
    growth.revision_basis_en,
    growth.revision_basis_vi,
    growth.mean_absolute_revision_pp,
    disbursement.expected_pct,
    disbursement.expected_basis,
    disbursement.expected_years,
    coalesce(capture.status, disbursement.status) as given_status,
    coalesce(disbursement.day_reason_en, capture.capture_reason_en) as given_reason_en,
    coalesce(disbursement.day_reason_vi, capture.capture_reason_vi) as given_reason_vi,
    evidence.detail_en,
    evidence.detail_vi,
    evidence.released_on,
    evidence.publisher,
    evidence.delivery_id,
    evidence.is_simulated
from evidence
left join {{ ref('int_growth_item_evidence') }} as growth
    on
        evidence.directive = growth.directive
        and evidence.item = growth.item
left join disbursement
    on
        evidence.directive = disbursement.directive
        and evidence.item = disbursement.item
left join {{ ref('int_capture_item_evidence') }} as capture
    on
        evidence.directive = capture.directive
        and evidence.item = capture.item

-- Every item at each month end since its directive was issued, and on the day itself, where both states of knowledge
-- are one. A change since the row before is parted so: on a share of a plan, what the change of the plan alone does to
-- the share is its weight; the rest is new data where the evidence speaks of another period, else a revision.
with remembered as (
    select
        directive,
        item,
        on_date,
        knowledge,
        issued_on,
        period,
        comparator,
        threshold,
        unit,
        actual,
        gap,
        status,
        evidence_basis,
        evidence_period,
        released_on,
        delivery_id,
        provisional,
        within_revision_error,
        is_simulated
    from {{ source('history', 'int_item_status') }}
    union all
    select
        today.directive,
        today.item,
        {{ var('as_of') }} as on_date,
        states.knowledge,
        today.issued_on,
        today.period,
        today.comparator,
        today.threshold,
        today.unit,
        today.actual,
        today.gap,
        today.status,
        today.evidence_basis,
        today.evidence_period,
        today.released_on,
        today.delivery_id,
        today.provisional,
        today.within_revision_error,
        today.is_simulated
    from {{ ref('int_item_status') }} as today
    cross join (values ('as_then_known'), ('as_known_today')) as states (knowledge)
),

money as (
    select
        directive,
        item,
        on_date,
        knowledge,
        plan_vnd,
        counted_vnd
    from {{ source('history', 'int_disbursement_item_evidence') }}
    union all
    select
        today.directive,
        today.item,
        {{ var('as_of') }} as on_date,
        states.knowledge,
        today.plan_vnd,
        today.counted_vnd
    from {{ ref('int_disbursement_item_evidence') }} as today
    cross join (values ('as_then_known'), ('as_known_today')) as states (knowledge)
),

followed as (
    select
        remembered.*,
        money.plan_vnd,
        money.counted_vnd,
        lag(remembered.on_date) over earlier as previous_on_date,
        lag(remembered.status) over earlier as previous_status,
        lag(remembered.actual) over earlier as previous_actual,
        lag(remembered.evidence_basis) over earlier as previous_evidence_basis,
        lag(remembered.evidence_period) over earlier as previous_evidence_period,
        lag(money.plan_vnd) over earlier as previous_plan_vnd
    from remembered
    left join money
        on
            remembered.directive = money.directive
            and remembered.item = money.item
            and remembered.on_date = money.on_date
            and remembered.knowledge = money.knowledge
    where remembered.issued_on <= remembered.on_date
    window earlier as (
        partition by remembered.directive, remembered.item, remembered.knowledge
        order by remembered.on_date
    )
),

changed as (
    select
        *,
        coalesce(evidence_basis = previous_evidence_basis and evidence_period = previous_evidence_period, false)
            as is_same_evidence,
        cast(actual - previous_actual as decimal(12, 4)) as total_change,
        case
            when actual is null or previous_actual is null then null
            when counted_vnd is null or coalesce(plan_vnd, 0) <= 0 or coalesce(previous_plan_vnd, 0) <= 0
                then cast(0 as decimal(12, 4))
            else
                try_cast(
                    round(
                        100 * (
                            cast(counted_vnd as double) / cast(plan_vnd as double)
                            - cast(counted_vnd as double) / cast(previous_plan_vnd as double)
                        ), 4
                    ) as decimal(12, 4)
                )
        end as weights_change
    from followed
)

select
    directive,
    item,
    on_date,
    knowledge,
    period,
    comparator,
    threshold,
    unit,
    actual,
    gap,
    status,
    evidence_basis,
    evidence_period,
    released_on as evidence_released_on,
    delivery_id as evidence_delivery_id,
    cast(plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(counted_vnd as decimal(18, 0)) as counted_vnd,
    provisional,
    within_revision_error,
    previous_on_date,
    previous_status,
    previous_actual,
    total_change as change_since_previous,
    cast(case when is_same_evidence then total_change - weights_change else 0 * total_change end as decimal(12, 4))
        as revision_change,
    cast(case when is_same_evidence then 0 * total_change else total_change - weights_change end as decimal(12, 4))
        as new_data_change,
    weights_change,
    case
        when previous_on_date is null then 'first_row'
        when actual is null and previous_actual is null then 'no_change'
        when previous_actual is null then 'new_data'
        when actual is null then 'data_withdrawn'
        when not is_same_evidence then 'new_data'
        when total_change = 0 then 'no_change'
        when total_change = weights_change then 'weights'
        else 'revision'
    end as change_reason,
    is_simulated
from changed

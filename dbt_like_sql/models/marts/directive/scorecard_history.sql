-- Every item at each month end since its directive was issued, and on the day itself, where both states of knowledge
-- are one. A change since the row before is split: for a share of a plan, the effect of a change of the plan alone is
-- its weight; the rest is new data where the evidence is of another period, else a revision. Evidence of another period
-- that had been released by the row before is no new data: only its period has ended since. A figure that is gone was
-- withdrawn only where its delivery was; otherwise nothing is known yet of what the day asks for.
with remembered as (
    select
        directive,
        item,
        on_date,
        knowledge,
        issued_on,
        area_code,
        sector_code,
        period,
        comparator,
        threshold,
        unit,
        actual,
        gap,
        status,
        projected_growth_pct,
        probability_of_target,
        evidence_basis,
        evidence_period,
        released_on,
        delivery_id,
        provisional,
        within_revision_error,
        is_simulated
    from {{ source('history', 'int_item_status') }}
    where on_date = last_day(on_date)
    union all
    select
        today.directive,
        today.item,
        {{ var('as_of') }} as on_date,
        states.knowledge,
        today.issued_on,
        today.area_code,
        today.sector_code,
        today.period,
        today.comparator,
        today.threshold,
        today.unit,
        today.actual,
        today.gap,
        today.status,
        today.projected_growth_pct,
        today.probability_of_target,
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
    where on_date = last_day(on_date)
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
        lag(remembered.projected_growth_pct) over earlier as previous_projected_growth_pct,
        lag(remembered.probability_of_target) over earlier as previous_probability_of_target,
        lag(remembered.delivery_id) over earlier as previous_delivery_id,
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

-- The method of each newest projection: months move it only where a bridge equation is in use.
projected as (
    select
        area_code,
        sector_code,
        target_year,
        quarters_known,
        method,
        on_date,
        knowledge
    from {{ source('history', 'int_growth_projections') }}
    where on_date = last_day(on_date)
    union all
    select
        today.area_code,
        today.sector_code,
        today.target_year,
        today.quarters_known,
        today.method,
        {{ var('as_of') }} as on_date,
        states.knowledge
    from {{ ref('int_growth_projections') }} as today
    cross join (values ('as_then_known'), ('as_known_today')) as states (knowledge)
),

newest_methods as (
    select
        area_code,
        sector_code,
        target_year,
        on_date,
        knowledge,
        method,
        row_number() over (
            partition by area_code, sector_code, target_year, on_date, knowledge order by quarters_known desc
        ) as row_number
    from projected
    where method is not null
),

-- Months can move a projection from the row in which a bridge from them comes into use to the one in which it goes.
bridged as (
    select distinct
        followed.directive,
        followed.item,
        followed.on_date,
        followed.knowledge,
        split_part(methods.method, '_bridge_', 1) as monthly_indicator
    from followed
    inner join newest_methods as methods
        on
            followed.area_code = methods.area_code
            and followed.sector_code = methods.sector_code
            and followed.period = cast(methods.target_year as varchar)
            and followed.knowledge = methods.knowledge
            and methods.on_date in (followed.on_date, followed.previous_on_date)
            and methods.row_number = 1
    where methods.method like '%_bridge_%'
),

releases as (
    select distinct
        followed.directive,
        followed.item,
        followed.on_date,
        followed.knowledge,
        accounts.source_file
    from followed
    inner join {{ ref('stg_grdp') }} as accounts
        on
            followed.area_code = accounts.area_code
            and followed.sector_code = accounts.sector_code
            and followed.previous_on_date < accounts.released_on
            and followed.on_date >= accounts.released_on
    union
    select distinct
        followed.directive,
        followed.item,
        followed.on_date,
        followed.knowledge,
        deliveries.source_file
    from followed
    inner join bridged
        on
            followed.directive = bridged.directive
            and followed.item = bridged.item
            and followed.on_date = bridged.on_date
            and followed.knowledge = bridged.knowledge
    inner join {{ ref('int_monthly_growth') }} as months
        on
            followed.area_code = months.area_code
            and bridged.monthly_indicator = months.monthly_indicator
            and followed.previous_on_date < months.released_on
            and followed.on_date >= months.released_on
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            months.released_on = deliveries.released_on
            and months.feed = deliveries.feed
            and deliveries.status in ('accepted', 'accepted_in_part')
),

moved as (
    select
        directive,
        item,
        on_date,
        knowledge,
        string_agg(source_file, ', ' order by source_file) as source_files
    from releases
    group by directive, item, on_date, knowledge
),

-- A delivery counts as withdrawn from the day for which this was stated, and not before it was stated.
withdrawn as (
    select
        deliveries.delivery_id,
        min(greatest(withdrawals.withdrawn_on, withdrawals.released_on)) as withdrawn_on
    from {{ ref('stg_delivery_withdrawals') }} as withdrawals
    inner join {{ ref('stg_deliveries') }} as deliveries on withdrawals.delivery_file = deliveries.source_file
    group by deliveries.delivery_id
),

changed as (
    select
        *,
        coalesce(evidence_basis = previous_evidence_basis and evidence_period = previous_evidence_period, false)
            as is_same_evidence,
        previous_on_date is not null
        and (
            projected_growth_pct is distinct from previous_projected_growth_pct
            or probability_of_target is distinct from previous_probability_of_target
        ) as has_moved,
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
    changed.directive,
    changed.item,
    changed.on_date,
    changed.knowledge,
    changed.period,
    changed.comparator,
    changed.threshold,
    changed.unit,
    changed.actual,
    changed.gap,
    changed.status,
    changed.evidence_basis,
    changed.evidence_period,
    changed.released_on as evidence_released_on,
    changed.delivery_id as evidence_delivery_id,
    cast(changed.plan_vnd as decimal(18, 0)) as plan_vnd,
    cast(changed.counted_vnd as decimal(18, 0)) as counted_vnd,
    changed.provisional,
    changed.within_revision_error,
    changed.previous_on_date,
    changed.previous_status,
    changed.previous_actual,
    changed.total_change as change_since_previous,
    cast(
        case
            when changed.is_same_evidence then changed.total_change - changed.weights_change
            else 0 * changed.total_change
        end as decimal(12, 4)
    ) as revision_change,
    cast(
        case
            when changed.is_same_evidence then 0 * changed.total_change
            else changed.total_change - changed.weights_change
        end as decimal(12, 4)
    ) as new_data_change,
    changed.weights_change,
    case
        when changed.previous_on_date is null then 'first_row'
        when changed.actual is null and changed.previous_actual is null then 'no_change'
        when changed.previous_actual is null then 'new_data'
        when changed.actual is null and withdrawn.delivery_id is not null then 'data_withdrawn'
        when changed.actual is null then 'not_yet_known'
        when
            not changed.is_same_evidence
            and changed.released_on <= changed.previous_on_date
            and withdrawn.delivery_id is null
            then 'period_over'
        when not changed.is_same_evidence then 'new_data'
        when changed.total_change = 0 then 'no_change'
        when changed.total_change = changed.weights_change then 'weights'
        else 'revision'
    end as change_reason,
    changed.is_simulated,
    changed.projected_growth_pct,
    changed.probability_of_target,
    changed.previous_projected_growth_pct,
    changed.previous_probability_of_target,
    case when changed.has_moved then coalesce(moved.source_files, own.source_file) end as projection_moved_by
from changed
left join moved
    on
        changed.directive = moved.directive
        and changed.item = moved.item
        and changed.on_date = moved.on_date
        and changed.knowledge = moved.knowledge
left join withdrawn
    on
        changed.previous_delivery_id = withdrawn.delivery_id
        and withdrawn.withdrawn_on
        <= case changed.knowledge when 'as_then_known' then changed.on_date else {{ var('as_of') }} end
left join {{ ref('stg_deliveries') }} as own on changed.delivery_id = own.delivery_id

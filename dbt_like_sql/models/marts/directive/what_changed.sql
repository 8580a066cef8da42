-- What each item was a day and a week before, and what it is now. Where no delivery of the item's feeds was released or
-- withdrawn since, the day itself is the cause. Of several deliveries the one is named that gives the figure; then
-- those of which a row is in it, before those that it is only held against; of these the newest. For a share of a plan,
-- the effect of a change of the plan alone is shown as its weight. A figure whose delivery was withdrawn counts as
-- revised, even by zero.
with spans as (
    select
        named.span,
        named.span_days
    from (values ('day', 1), ('week', 7)) as named (span, span_days)
),

before as (
    select
        spans.span,
        past.*
    from {{ source('history', 'int_item_status') }} as past
    inner join spans on date_diff('day', past.on_date, {{ var('as_of') }}) = spans.span_days
    where
        past.knowledge = 'as_then_known'
        and past.issued_on <= past.on_date
),

changed as (
    select
        now_known.directive,
        now_known.item,
        now_known.item_order,
        now_known.indicator,
        now_known.area_code,
        now_known.sector_code,
        before.span,
        before.on_date,
        before.status as status_before,
        now_known.status as status_after,
        before.actual as actual_before,
        now_known.actual as actual_after,
        before.delivery_id as delivery_id_before,
        now_known.delivery_id as delivery_id_after,
        coalesce(
            now_known.evidence_basis = before.evidence_basis and now_known.evidence_period = before.evidence_period,
            false
        ) as is_same_evidence,
        now_known.unit,
        now_known.lead_agency_code,
        now_known.is_simulated or before.is_simulated as is_simulated
    from {{ ref('int_item_status') }} as now_known
    inner join before
        on
            now_known.directive = before.directive
            and now_known.item = before.item
    where
        now_known.status is distinct from before.status
        or now_known.actual is distinct from before.actual
),

feeds as (
    {{ all_indicators() }}
),

served as (
    select
        changed.directive,
        changed.item,
        changed.span,
        deliveries.delivery_id,
        deliveries.released_on
    from changed
    inner join feeds on changed.indicator = feeds.indicator
    inner join {{ ref('stg_deliveries') }} as deliveries
        on
            feeds.feed = deliveries.feed
            and changed.on_date < deliveries.released_on
    where deliveries.status in ('accepted', 'accepted_in_part')
    union all
    -- the index that bridges the accounts of a sector to the day moves what is projected
    select
        changed.directive,
        changed.item,
        changed.span,
        months.delivery_id,
        months.released_on
    from changed
    inner join {{ ref('projection_indicators') }} as bridges on changed.sector_code = bridges.sector_code
    inner join {{ ref('stg_industrial_production_index') }} as months
        on
            changed.area_code = months.area_code
            and bridges.activity_code = months.activity_code
            and changed.on_date < months.released_on
),

-- A row that a figure is only held against does not move it.
roles as (
    select
        directive,
        item,
        delivery_id,
        min(
            case
                when
                    evidence_role in (
                        'cross_check', 'plan_year_before', 'voucher_year_before', 'register_year_before'
                    )
                    then 1
                else 0
            end
        ) as role_rank
    from {{ ref('evidence') }}
    group by directive, item, delivery_id
),

ranked as (
    select
        changed.directive,
        changed.item,
        changed.span,
        served.delivery_id,
        row_number() over (
            partition by changed.directive, changed.item, changed.span
            order by
                case when served.delivery_id = changed.delivery_id_after then 0 else 1 end asc,
                coalesce(roles.role_rank, 2) asc,
                served.released_on desc,
                served.delivery_id asc
        ) as row_number
    from changed
    inner join served
        on
            changed.directive = served.directive
            and changed.item = served.item
            and changed.span = served.span
    left join roles
        on
            served.directive = roles.directive
            and served.item = roles.item
            and served.delivery_id = roles.delivery_id
),

withdrawn as (
    select distinct
        changed.directive,
        changed.item,
        changed.span
    from changed
    inner join {{ ref('stg_deliveries') }} as deliveries on changed.delivery_id_before = deliveries.delivery_id
    inner join {{ ref('stg_delivery_withdrawals') }} as withdrawals
        on
            deliveries.source_file = withdrawals.delivery_file
            and changed.on_date < greatest(withdrawals.withdrawn_on, withdrawals.released_on)
            and withdrawals.withdrawn_on <= {{ var('as_of') }}
),

money as (
    select
        past.directive,
        past.item,
        spans.span,
        cast(now_known.counted_vnd as double) as counted_vnd,
        cast(now_known.plan_vnd as double) as plan_vnd,
        cast(past.plan_vnd as double) as plan_vnd_before
    from {{ source('history', 'int_disbursement_item_evidence') }} as past
    inner join spans on date_diff('day', past.on_date, {{ var('as_of') }}) = spans.span_days
    inner join {{ ref('int_disbursement_item_evidence') }} as now_known
        on
            past.directive = now_known.directive
            and past.item = now_known.item
    where
        past.knowledge = 'as_then_known'
        and past.plan_vnd > 0
        and now_known.plan_vnd > 0
        and past.plan_vnd <> now_known.plan_vnd
),

explained as (
    select
        changed.*,
        ranked.delivery_id as delivery_id_new,
        withdrawn.item is not null as is_withdrawn,
        try_cast(
            round(100 * (money.counted_vnd / money.plan_vnd - money.counted_vnd / money.plan_vnd_before), 4)
            as decimal(12, 4)
        ) as weights_change
    from changed
    left join ranked
        on
            changed.directive = ranked.directive
            and changed.item = ranked.item
            and changed.span = ranked.span
            and ranked.row_number = 1
    left join withdrawn
        on
            changed.directive = withdrawn.directive
            and changed.item = withdrawn.item
            and changed.span = withdrawn.span
    left join money
        on
            changed.directive = money.directive
            and changed.item = money.item
            and changed.span = money.span
),

caused as (
    select
        *,
        case
            when is_withdrawn then 'revision'
            when delivery_id_new is null or (actual_after is null and actual_before is not null) then 'day'
            when actual_before is null or not is_same_evidence or actual_after = actual_before then 'new_data'
            when cast(actual_after - actual_before as decimal(12, 4)) = weights_change then 'weights'
            else 'revision'
        end as cause
    from explained
)

select
    directive,
    item,
    span,
    status_before,
    status_after,
    cast(actual_before as decimal(12, 4)) as actual_before,
    cast(actual_after as decimal(12, 4)) as actual_after,
    cause,
    case
        when cause = 'day' then null
        when is_withdrawn then delivery_id_before
        else delivery_id_new
    end as delivery_id,
    lead_agency_code,
    unit,
    is_simulated
from caused
order by directive, item_order, item, span

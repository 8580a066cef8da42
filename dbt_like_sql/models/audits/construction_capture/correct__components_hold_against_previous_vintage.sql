-- A row is one component of construction output, by ownership and kind of work, in two vintages. It fails when it was
-- restated by more than the threshold, even where the total hardly moves: a total revised by very little can hide that
-- one part was moved into another.
with threshold as (
    select {{ threshold('component_restatement_pct') }} as maximum_pct
    from {{ ref('capture_thresholds') }}
),

vintages as (
    select
        *,
        lag(value_current_mn) over (
            partition by area_code, district_code, period, ownership, work_type
            order by released_on asc, revision asc, delivery_id asc
        ) as previous_mn,
        lag(delivery_id) over (
            partition by area_code, district_code, period, ownership, work_type
            order by released_on asc, revision asc, delivery_id asc
        ) as previous_delivery_id,
        lag(is_simulated) over (
            partition by area_code, district_code, period, ownership, work_type
            order by released_on asc, revision asc, delivery_id asc
        ) as previous_is_simulated
    from {{ source('validated', 'construction_output') }}
    where value_current_mn is not null and released_on <= {{ var('as_of') }}
),

compared as (
    select
        vintages.*,
        totals.value_current_mn as total_mn,
        totals.previous_mn as previous_total_mn
    from vintages
    left join vintages as totals
        on
            vintages.delivery_id = totals.delivery_id
            and vintages.area_code = totals.area_code
            and vintages.district_code = totals.district_code
            and vintages.period = totals.period
            and vintages.work_type = totals.work_type
            and totals.ownership = 'total'
    where vintages.previous_mn > 0 and vintages.is_simulated = vintages.previous_is_simulated
)

select
    compared.delivery_id,
    compared.source_row,
    compared.area_code,
    compared.district_code,
    compared.period,
    compared.ownership,
    compared.work_type,
    compared.previous_delivery_id as reference_delivery_id,
    cast(compared.previous_mn as decimal(18, 3)) as previous_value_mn,
    compared.value_current_mn,
    cast(
        round(100 * (cast(compared.value_current_mn as double) / cast(compared.previous_mn as double) - 1), 4)
        as decimal(38, 4)
    ) as restatement_pct,
    cast(
        round(
            100 * (cast(compared.total_mn as double) / nullif(cast(compared.previous_total_mn as double), 0) - 1), 4
        ) as decimal(38, 4)
    ) as total_restatement_pct,
    abs(100 * (cast(compared.value_current_mn as double) / cast(compared.previous_mn as double) - 1))
    <= threshold.maximum_pct as is_within_tolerance
from compared
cross join threshold

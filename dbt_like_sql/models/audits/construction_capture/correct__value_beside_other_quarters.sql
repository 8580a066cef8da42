-- A row is one return with a value whose unit gave values in other quarters too. It fails when its value is more than
-- so many times their median (of two, the larger): a unit is wrong by 1,000. This reaches returns that give no floor
-- area, which no range per square metre can judge. Values out of that range are not used as a reference. Sites of which
-- a day or two falls into one quarter and all other days into the next may fail as well: a failure calls for a look and
-- proves nothing.
with threshold as (
    select {{ threshold('times_other_quarters') }} as maximum_times
    from {{ ref('capture_thresholds') }}
),

valued_returns as (
    select
        *,
        coalesce(frame_unit_id, return_id) as unit_id
    from {{ ref('int_survey_works') }}
    where value_mn > 0
),

yardsticks as (
    select
        valued_returns.unit_id,
        valued_returns.quarter,
        valued_returns.return_id,
        valued_returns.value_mn
    from valued_returns
    left join {{ ref('correct__value_per_m2_in_range') }} as ranges
        on
            valued_returns.quarter = ranges.quarter
            and valued_returns.return_id = ranges.return_id
    where coalesce(ranges.is_in_range, true)
),

ranked as (
    select
        valued_returns.quarter,
        valued_returns.return_id,
        yardsticks.value_mn as other_mn,
        count(*) over (partition by valued_returns.quarter, valued_returns.return_id) as n_others,
        row_number() over (
            partition by valued_returns.quarter, valued_returns.return_id
            order by yardsticks.value_mn asc, yardsticks.quarter asc, yardsticks.return_id asc
        ) as row_number
    from valued_returns
    inner join yardsticks
        on
            valued_returns.unit_id = yardsticks.unit_id
            and valued_returns.quarter <> yardsticks.quarter
)

select
    valued_returns.quarter,
    valued_returns.return_id,
    valued_returns.district_code,
    valued_returns.stratum,
    valued_returns.frame_unit_id,
    valued_returns.value_mn,
    ranked.other_mn as other_quarters_mn,
    cast(round(cast(valued_returns.value_mn as double) / cast(ranked.other_mn as double), 4) as decimal(38, 4))
        as times_other_quarters,
    cast(threshold.maximum_times as decimal(20, 4)) as maximum_times,
    valued_returns.delivery_id,
    valued_returns.source_row
from valued_returns
inner join ranked
    on
        valued_returns.quarter = ranked.quarter
        and valued_returns.return_id = ranked.return_id
        and 2 * ranked.row_number in (ranked.n_others + 1, ranked.n_others + 2)
cross join threshold

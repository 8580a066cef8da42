-- With which others a cell is estimated. A cell with links enough stands alone; smaller cells of one stratum are put
-- together over the districts, and what is still too small over the strata of one kind of selection. A stratum of
-- which no list speaks is in no group: nothing is known of it but what was surveyed; nor is a quarter without answers.
with thresholds as (
    select
        max(case when threshold_name = 'minimum_links_take_all' then threshold_value end) as minimum_take_all,
        max(case when threshold_name = 'minimum_links_sample' then threshold_value end) as minimum_sample
    from {{ ref('capture_thresholds') }}
),

spoken_of as (
    select
        cells.area_code,
        cells.quarter,
        cells.district_code,
        cells.stratum,
        cells.selection,
        cells.n_permits,
        cells.n_survey,
        cells.n_matched,
        case cells.selection
            when 'take_all' then thresholds.minimum_take_all else thresholds.minimum_sample
        end as minimum_links,
        sum(cells.n_permits) over (partition by cells.area_code, cells.quarter, cells.stratum) as n_permits_of_stratum
    from {{ ref('int_capture_cells') }} as cells
    cross join thresholds
    where cells.is_permit_liable
),

cells as (
    select
        *,
        n_matched >= minimum_links and n_permits > 0 as stands_alone
    from spoken_of
    where n_permits_of_stratum > 0 and n_permits + n_survey > 0
),

pools as (
    select
        *,
        sum(case when stands_alone then 0 else n_matched end) over (
            partition by area_code, quarter, stratum, selection
        ) as n_matched_in_pool
    from cells
)

select
    area_code,
    quarter,
    district_code,
    stratum,
    selection,
    case
        when stands_alone then 'cell'
        when n_matched_in_pool >= minimum_links then 'districts'
        else 'strata'
    end as group_kind,
    case
        when stands_alone then 'cell:' || quarter || ':' || district_code || ':' || stratum
        when n_matched_in_pool >= minimum_links
            then 'districts:' || quarter || ':' || coalesce(area_code, '') || ':' || stratum
        else 'strata:' || quarter || ':' || coalesce(area_code, '') || ':' || selection
    end as group_id
from pools

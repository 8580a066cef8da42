-- A row is one value of construction output beside an earlier delivery's value of that district, ownership and kind of
-- work. It fails when the two differ by two orders of magnitude, or when a component was restated so far that the total
-- hides it.
-- A level of another price base is of the same size, and no restatement. Of two bases side by side in one delivery the
-- newest continues the series.
with levels as (
    select
        *,
        {{ base_code('base_year') }} as base_code,
        row_number() over (
            partition by delivery_id, area_code, district_code, period, ownership, work_type
            order by {{ base_code('base_year') }} desc
        ) as row_number
    from {{ source('candidates', 'construction_output') }}
    where value_constant_mn > 0
),

figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        district_code,
        ownership,
        work_type,
        'current' as price_basis,
        'current' as base_code,
        'current ' || area_code || ' ' || district_code || ' ' || ownership || ' ' || work_type as series_key,
        period,
        100 as first_delivery_tolerance,
        cast(value_current_mn as decimal(20, 4)) as figure
    from {{ source('candidates', 'construction_output') }}
    where value_current_mn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        district_code,
        ownership,
        work_type,
        'constant' as price_basis,
        base_code,
        'constant ' || area_code || ' ' || district_code || ' ' || ownership || ' ' || work_type
        || case when row_number > 1 then ' ' || base_code else '' end as series_key,
        period,
        100 as first_delivery_tolerance,
        cast(value_constant_mn as decimal(20, 4)) as figure
    from levels
),

{{ magnitude_against_earlier() }}

select
    beside.delivery_id,
    beside.source_row,
    beside.area_code,
    beside.district_code,
    beside.period,
    beside.ownership,
    beside.work_type,
    beside.price_basis,
    beside.base_code,
    beside.figure,
    beside.reference_delivery_id,
    beside.reference_period,
    beside.magnitude_ratio,
    case when same_base.delivery_id is not null then beside.restatement_pct end as restatement_pct
from beside
left join figures as same_base
    on
        beside.reference_delivery_id = same_base.delivery_id
        and beside.series_key = same_base.series_key
        and beside.reference_period = same_base.period
        and beside.base_code = same_base.base_code

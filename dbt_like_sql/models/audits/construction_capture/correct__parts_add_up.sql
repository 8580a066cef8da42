-- A row is one total of construction output beside its parts, by ownership (state, non-state, foreign-invested) and
-- by kind of work, and one row compares households with the non-state output that holds them.
-- It fails when the parts do not add up to the total, when parts are missing and the rest is not explained, or when
-- households exceed non-state output.
with figures as (
    select
        delivery_id,
        source_row,
        area_code,
        district_code,
        period,
        ownership,
        work_type,
        'current' as price_basis,
        'current' as base_code,
        value_current_mn as figure_mn
    from {{ source('candidates', 'construction_output') }}
    where value_current_mn is not null
    union all
    select
        delivery_id,
        source_row,
        area_code,
        district_code,
        period,
        ownership,
        work_type,
        'constant' as price_basis,
        {{ base_code('base_year') }} as base_code,
        value_constant_mn as figure_mn
    from {{ source('candidates', 'construction_output') }}
    where value_constant_mn is not null
),

by_ownership as (
    select
        whole.delivery_id,
        whole.source_row,
        whole.area_code,
        whole.district_code,
        whole.period,
        whole.ownership,
        whole.work_type,
        whole.price_basis,
        whole.base_code,
        'ownership' as split_by,
        whole.figure_mn as total_mn,
        sum(parts.figure_mn) as parts_mn,
        3 - count(parts.figure_mn) as parts_missing
    from figures as whole
    inner join figures as parts
        on
            whole.delivery_id = parts.delivery_id
            and whole.area_code = parts.area_code
            and whole.district_code = parts.district_code
            and whole.period = parts.period
            and whole.work_type = parts.work_type
            and whole.price_basis = parts.price_basis
            and whole.base_code = parts.base_code
    where whole.ownership = 'total' and parts.ownership in ('state', 'non_state', 'fdi')
    group by
        whole.delivery_id,
        whole.source_row,
        whole.area_code,
        whole.district_code,
        whole.period,
        whole.ownership,
        whole.work_type,
        whole.price_basis,
        whole.base_code,
        whole.figure_mn
),

by_work_type as (
    select
        whole.delivery_id,
        whole.source_row,
        whole.area_code,
        whole.district_code,
        whole.period,
        whole.ownership,
        whole.work_type,
        whole.price_basis,
        whole.base_code,
        'work_type' as split_by,
        whole.figure_mn as total_mn,
        sum(parts.figure_mn) as parts_mn,
        4 - count(parts.figure_mn) as parts_missing
    from figures as whole
    inner join figures as parts
        on
            whole.delivery_id = parts.delivery_id
            and whole.area_code = parts.area_code
            and whole.district_code = parts.district_code
            and whole.period = parts.period
            and whole.ownership = parts.ownership
            and whole.price_basis = parts.price_basis
            and whole.base_code = parts.base_code
    where whole.work_type = 'total' and parts.work_type <> 'total'
    group by
        whole.delivery_id,
        whole.source_row,
        whole.area_code,
        whole.district_code,
        whole.period,
        whole.ownership,
        whole.work_type,
        whole.price_basis,
        whole.base_code,
        whole.figure_mn
),

households as (
    select
        memo.delivery_id,
        memo.source_row,
        memo.area_code,
        memo.district_code,
        memo.period,
        memo.ownership,
        memo.work_type,
        memo.price_basis,
        memo.base_code,
        'households' as split_by,
        whole.figure_mn as total_mn,
        case when memo.figure_mn > whole.figure_mn then memo.figure_mn else whole.figure_mn end as parts_mn,
        0 as parts_missing
    from figures as memo
    inner join figures as whole
        on
            memo.delivery_id = whole.delivery_id
            and memo.area_code = whole.area_code
            and memo.district_code = whole.district_code
            and memo.period = whole.period
            and memo.work_type = whole.work_type
            and memo.price_basis = whole.price_basis
            and memo.base_code = whole.base_code
    where memo.ownership = 'of_which_households' and whole.ownership = 'non_state'
),

compared as (
    select * from by_ownership
    union all
    select * from by_work_type
    union all
    select * from households
)

select
    delivery_id,
    source_row,
    area_code,
    district_code,
    period,
    ownership,
    work_type,
    price_basis,
    base_code,
    split_by,
    cast(total_mn as decimal(20, 3)) as total_mn,
    cast(parts_mn as decimal(20, 3)) as parts_mn,
    cast(parts_missing as integer) as parts_missing,
    case when parts_missing = 0 then cast(total_mn - parts_mn as decimal(20, 3)) end as difference_mn,
    case when parts_missing > 0 then cast(total_mn - parts_mn as decimal(20, 3)) end as unexplained_mn
from compared

-- The index of production of each month as known on the day, with its growth on the same month a year before and of
-- the months so far, out of the supplier's own levels of one base year; else as the supplier states the rates.
with ranked as (
    select
        *,
        row_number() over (
            partition by area_code, activity_code, month
            order by {{ newest_first() }}
        ) as row_number
    from {{ ref('stg_industrial_production_index') }}
),

known as (
    select *
    from ranked
    where row_number = 1
),

-- The level a year before comes from the same vintage where that has it.
paired as (
    select
        known.*,
        coalesce(own_before.index_level, before.index_level) as level_before
    from known
    left join {{ ref('stg_industrial_production_index') }} as own_before
        on
            known.delivery_id = own_before.delivery_id
            and known.area_code = own_before.area_code
            and known.activity_code = own_before.activity_code
            and known.month_year_before = own_before.month
            and known.base_year = own_before.base_year
    left join known as before
        on
            known.area_code = before.area_code
            and known.activity_code = before.activity_code
            and known.month_year_before = before.month
            and known.base_year = before.base_year
            and {{ simulated_only_beside_simulated('known', 'before') }}
),

so_far as (
    select
        *,
        sum(case when level_before > 0 then index_level end) over (
            partition by area_code, activity_code, calendar_year, base_year
            order by month_of_year asc
            rows between unbounded preceding and current row
        ) as levels_so_far,
        sum(case when index_level is not null then level_before end) over (
            partition by area_code, activity_code, calendar_year, base_year
            order by month_of_year asc
            rows between unbounded preceding and current row
        ) as levels_before_so_far,
        count(case when index_level is not null and level_before > 0 then 1 end) over (
            partition by area_code, activity_code, calendar_year, base_year
            order by month_of_year asc
            rows between unbounded preceding and current row
        ) as months_so_far
    from paired
)

select
    area_code,
    activity_code,
    month,
    calendar_year,
    month_of_year,
    index_level,
    base_year,
    case
        when index_level is not null and level_before > 0
            then
                try_cast(
                    round(100 * (cast(index_level as double) / cast(level_before as double) - 1), 4)
                    as decimal(12, 4)
                )
        else cast(index_yoy - 100 as decimal(12, 4))
    end as output_yoy_pct,
    case
        when months_so_far = month_of_year
            then
                try_cast(
                    round(100 * (cast(levels_so_far as double) / cast(levels_before_so_far as double) - 1), 4)
                    as decimal(12, 4)
                )
        else cast(index_ytd - 100 as decimal(12, 4))
    end as output_ytd_yoy_pct,
    case
        when index_level is not null and level_before > 0 then 'computed_from_levels'
        when index_yoy is not null then 'as_stated'
    end as yoy_basis,
    released_on,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    is_simulated
from so_far

-- Each level of value added as known on the day, in each price base in which it is known, with the level of the same
-- period a year before and the GRDP of that year in the same base. They come from one vintage where it has them, since
-- a restatement moves all of them together. Cumulative levels and years that nobody delivered are added up.
-- A level in an older price base bears the factor that expresses it in the newest one, each series its own: the level
-- of a year in the new base over that in the old one, of the first year that both have. A level without a stated base
-- is linked with none, and real levels never by simulated ones.
with vintages as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period, base_code
            order by {{ newest_first() }}
        ) as row_number
    from {{ ref('stg_grdp') }}
    where value_constant_bn is not null and period_type in ('year', 'quarter', 'ytd')
),

known as (
    select * from vintages
    where row_number = 1
),

-- A real level is never compared with a simulated one.
paired as (
    select
        known.*,
        case
            when base_breaks.break_year is null
                then coalesce(own_before.value_constant_bn, before.value_constant_bn)
        end as value_year_before_constant_bn,
        case
            when base_breaks.break_year is null
                then coalesce(own_grdp_before.value_constant_bn, grdp_before.value_constant_bn)
        end as grdp_year_before_constant_bn,
        base_breaks.break_year is not null as is_base_break,
        own_before.delivery_id is not null and own_grdp_before.delivery_id is not null as is_one_vintage
    from known
    left join vintages as own_before
        on
            known.delivery_id = own_before.delivery_id
            and known.area_code = own_before.area_code
            and known.sector_code = own_before.sector_code
            and known.period_year_before = own_before.period
            and known.base_code = own_before.base_code
    left join known as before
        on
            known.area_code = before.area_code
            and known.sector_code = before.sector_code
            and known.period_year_before = before.period
            and known.base_code = before.base_code
            and {{ simulated_only_beside_simulated('known', 'before') }}
    left join vintages as own_grdp_before
        on
            known.delivery_id = own_grdp_before.delivery_id
            and known.area_code = own_grdp_before.area_code
            and own_grdp_before.sector_code = 'GRDP'
            and known.period_year_before = own_grdp_before.period
            and known.base_code = own_grdp_before.base_code
    left join known as grdp_before
        on
            known.area_code = grdp_before.area_code
            and grdp_before.sector_code = 'GRDP'
            and known.period_year_before = grdp_before.period
            and known.base_code = grdp_before.base_code
            and {{ simulated_only_beside_simulated('known', 'grdp_before') }}
    left join {{ ref('base_breaks') }} as base_breaks
        on
            known.area_code = base_breaks.area_code
            and known.calendar_year = base_breaks.break_year
),

-- Cumulative levels and years that nobody delivered, added up from the quarters of that year in one base.
spans as (
    select distinct last_month_of_year as span_months
    from paired
    where period_type = 'quarter'
),

quarters_in_span as (
    select
        quarters.area_code,
        quarters.sector_code,
        quarters.calendar_year,
        spans.span_months,
        quarters.base_code,
        quarters.base_year,
        quarters.delivery_id,
        quarters.released_on,
        quarters.revision,
        quarters.source_file,
        quarters.source_sheet,
        quarters.source_row,
        quarters.value_constant_bn,
        quarters.value_current_bn,
        quarters.value_year_before_constant_bn,
        quarters.grdp_year_before_constant_bn,
        quarters.is_base_break,
        quarters.is_one_vintage,
        quarters.is_simulated,
        case quarters.estimate_stage
            when 'estimate_1' then 1
            when 'estimate_2' then 2
            when 'preliminary' then 3
            when 'official' then 4
        end as stage_rank,
        row_number() over (
            partition by
                quarters.area_code,
                quarters.sector_code,
                quarters.calendar_year,
                spans.span_months,
                quarters.base_code
            order by
                quarters.released_on desc,
                quarters.revision desc,
                quarters.last_month_of_year desc,
                quarters.delivery_id desc
        ) as newest
    from paired as quarters
    inner join spans on quarters.last_month_of_year <= spans.span_months
    where quarters.period_type = 'quarter'
),

sums as (
    select
        area_code,
        sector_code,
        calendar_year,
        span_months,
        base_code,
        max(base_year) as base_year,
        count(*) as quarters,
        cast(sum(value_constant_bn) as decimal(20, 6)) as value_constant_bn,
        case when count(value_current_bn) = count(*) then cast(sum(value_current_bn) as decimal(20, 6)) end
            as value_current_bn,
        case
            when count(value_year_before_constant_bn) = count(*)
                then cast(sum(value_year_before_constant_bn) as decimal(20, 6))
        end as value_year_before_constant_bn,
        case
            when count(grdp_year_before_constant_bn) = count(*)
                then cast(sum(grdp_year_before_constant_bn) as decimal(20, 6))
        end as grdp_year_before_constant_bn,
        max(case when is_base_break then 1 else 0 end) = 1 as is_base_break,
        min(case when is_one_vintage then 1 else 0 end) = 1 and min(delivery_id) = max(delivery_id) as is_one_vintage,
        {{ any_simulated('is_simulated') }} as is_simulated,
        case when count(stage_rank) = count(*) then min(stage_rank) end as stage_rank,
        max(case when newest = 1 then delivery_id end) as delivery_id,
        max(released_on) as released_on,
        max(case when newest = 1 then revision end) as revision,
        max(case when newest = 1 then source_file end) as source_file,
        max(case when newest = 1 then source_sheet end) as source_sheet,
        max(case when newest = 1 then source_row end) as source_row
    from quarters_in_span
    group by area_code, sector_code, calendar_year, span_months, base_code
),

added_up as (
    select
        *,
        {{ period_to_month('calendar_year', 'span_months') }} as period,
        case when span_months = 12 then 'year' else 'ytd' end as period_type,
        span_months as last_month_of_year,
        'sum_of_quarters' as level_basis,
        case stage_rank
            when 1 then 'estimate_1'
            when 2 then 'estimate_2'
            when 3 then 'preliminary'
            when 4 then 'official'
        end as estimate_stage
    from sums
    where quarters * 3 = span_months
),

undelivered as (
    select added_up.*
    from added_up
    left join known
        on
            added_up.area_code = known.area_code
            and added_up.sector_code = known.sector_code
            and added_up.period = known.period
            and added_up.base_code = known.base_code
    where known.period is null or (known.is_simulated and not added_up.is_simulated)
),

delivered as (
    select
        paired.*,
        'delivered' as level_basis
    from paired
    left join undelivered
        on
            paired.area_code = undelivered.area_code
            and paired.sector_code = undelivered.sector_code
            and paired.period = undelivered.period
            and paired.base_code = undelivered.base_code
    where undelivered.period is null
),

levels as (
    select {{ columns_of_levels() }}
    from delivered
    union all
    select {{ columns_of_levels() }}
    from undelivered
),

years as (
    select
        *,
        coalesce(
            max(case when not is_simulated then base_year end) over (partition by area_code, sector_code),
            max(base_year) over (partition by area_code, sector_code)
        ) as newest_base_year
    from levels
    where period_type = 'year' and base_year is not null and value_constant_bn > 0
),

links as (
    select
        older.area_code,
        older.sector_code,
        older.base_code,
        newer.base_code as linked_base_code,
        newer.base_year as linked_base_year,
        older.calendar_year as link_year,
        cast(
            round(cast(newer.value_constant_bn as double) / cast(older.value_constant_bn as double), 12)
            as decimal(24, 12)
        ) as exact_linking_factor,
        older.is_simulated or newer.is_simulated as is_simulated,
        row_number() over (
            partition by older.area_code, older.sector_code, older.base_code
            order by
                case when older.is_simulated or newer.is_simulated then 1 else 0 end asc,
                older.calendar_year asc
        ) as row_number
    from years as older
    inner join years as newer
        on
            older.area_code = newer.area_code
            and older.sector_code = newer.sector_code
            and older.calendar_year = newer.calendar_year
            and older.newest_base_year = newer.base_year
            and older.base_year < newer.base_year
)

select
    levels.*,
    links.linked_base_code,
    links.linked_base_year,
    links.link_year,
    links.exact_linking_factor
from levels
left join links
    on
        levels.area_code = links.area_code
        and levels.sector_code = links.sector_code
        and levels.base_code = links.base_code
        and links.row_number = 1
        and {{ simulated_only_beside_simulated('levels', 'links') }}

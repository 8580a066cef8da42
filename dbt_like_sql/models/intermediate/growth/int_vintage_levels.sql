-- The levels of each delivery by themselves, vintage after vintage: those of a year or of its first months that it does
-- not give are added up from its quarters, in one price base.
with levels as (
    select
        delivery_id,
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        base_code,
        case estimate_stage
            when 'estimate_1' then 1
            when 'estimate_2' then 2
            when 'preliminary' then 3
            when 'official' then 4
        end as stage_rank,
        released_on,
        revision,
        is_simulated
    from {{ ref('stg_grdp') }}
    where value_constant_bn is not null and period_type in ('year', 'quarter', 'ytd')
),

spans as (
    select distinct last_month_of_year as span_months
    from levels
    where period_type = 'quarter'
),

sums as (
    select
        quarters.delivery_id,
        quarters.area_code,
        quarters.sector_code,
        quarters.calendar_year,
        spans.span_months,
        quarters.base_code,
        sum(quarters.value_constant_bn) as value_constant_bn,
        case when count(quarters.stage_rank) = count(*) then min(quarters.stage_rank) end as stage_rank,
        max(quarters.released_on) as released_on,
        max(quarters.revision) as revision,
        {{ any_simulated('quarters.is_simulated') }} as is_simulated
    from levels as quarters
    inner join spans on quarters.last_month_of_year <= spans.span_months
    where quarters.period_type = 'quarter'
    group by
        quarters.delivery_id,
        quarters.area_code,
        quarters.sector_code,
        quarters.calendar_year,
        spans.span_months,
        quarters.base_code
    having count(*) * 3 = spans.span_months
),

added_up as (
    select
        *,
        {{ period_to_month('calendar_year', 'span_months') }} as period
    from sums
),

whole as (
    select
        delivery_id,
        area_code,
        sector_code,
        period,
        period_type,
        calendar_year,
        last_month_of_year,
        value_constant_bn,
        base_code,
        stage_rank,
        released_on,
        revision,
        is_simulated
    from levels
    union all
    select
        added_up.delivery_id,
        added_up.area_code,
        added_up.sector_code,
        added_up.period,
        case when added_up.span_months = 12 then 'year' else 'ytd' end as period_type,
        added_up.calendar_year,
        added_up.span_months as last_month_of_year,
        added_up.value_constant_bn,
        added_up.base_code,
        added_up.stage_rank,
        added_up.released_on,
        added_up.revision,
        added_up.is_simulated
    from added_up
    left join levels
        on
            added_up.delivery_id = levels.delivery_id
            and added_up.area_code = levels.area_code
            and added_up.sector_code = levels.sector_code
            and added_up.period = levels.period
            and added_up.base_code = levels.base_code
    where levels.period is null and added_up.span_months > 3
)

select
    delivery_id,
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    last_month_of_year,
    value_constant_bn,
    base_code,
    case stage_rank
        when 1 then 'estimate_1'
        when 2 then 'estimate_2'
        when 3 then 'preliminary'
        when 4 then 'official'
    end as estimate_stage,
    released_on,
    revision,
    is_simulated
from whole

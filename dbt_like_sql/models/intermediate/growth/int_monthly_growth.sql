-- Growth of monthly figures of offices on the same month a year before, by indicator: the index of production, retail
-- sales (at current prices), visitors, harvests of aquaculture and money disbursed on the year's own plan. Only months
-- known in both years count.
with office as (
    select
        feed,
        value as area_code
    from {{ source('contracts', 'options') }}
    where option = 'area_code'
),

ponds as (
    select
        office.area_code,
        now_known.calendar_year,
        now_known.month_of_year,
        sum(now_known.harvest_t) as harvest_t,
        sum(before.harvest_t) as harvest_year_before_t,
        max(now_known.released_on) as released_on,
        {{ any_simulated('now_known.is_simulated') }} or {{ any_simulated('before.is_simulated') }} as is_simulated
    from {{ ref('stg_aquaculture') }} as now_known
    inner join {{ ref('stg_aquaculture') }} as before
        on
            now_known.district_code = before.district_code
            and now_known.species = before.species
            and now_known.month_year_before = before.month
    inner join office on office.feed = 'aquaculture'
    where now_known.harvest_t is not null and before.harvest_t is not null
    group by office.area_code, now_known.calendar_year, now_known.month_of_year
),

month_ends as (
    select
        budget_year,
        cast(month(on_date) as integer) as month_of_year,
        disbursed_vnd,
        disbursed_vnd - coalesce(lag(disbursed_vnd) over (partition by budget_year order by on_date), 0) as paid_vnd,
        lag(on_date) over (partition by budget_year order by on_date) as previous_on,
        on_date,
        released_on,
        is_simulated
    from {{ ref('int_board_disbursement') }}
    where
        board_code = 'PROVINCE'
        and denominator = 'year_plan_without_carried_over'
        and on_date = last_day(on_date)
        and on_date between make_date(budget_year, 1, 1) and make_date(budget_year, 12, 31)
),

paid as (
    select *
    from month_ends
    where
        paid_vnd is not null
        and (month_of_year = 1 or previous_on = last_day(make_date(budget_year, month_of_year - 1, 1)))
),

money as (
    select
        office.area_code,
        paid.budget_year as calendar_year,
        paid.month_of_year,
        paid.paid_vnd,
        before.paid_vnd as paid_year_before_vnd,
        paid.released_on,
        paid.is_simulated or before.is_simulated as is_simulated
    from paid
    inner join paid as before
        on
            paid.budget_year = before.budget_year + 1
            and paid.month_of_year = before.month_of_year
    inner join office on office.feed = 'treasury_disbursement'
    where before.paid_vnd > 0
),

rates as (
    select
        area_code,
        'index' as monthly_indicator,
        'industrial_production_index' as feed,
        calendar_year,
        month_of_year,
        output_yoy_pct as month_yoy_pct,
        released_on,
        is_simulated
    from {{ ref('int_index_growth') }}
    where activity_code = 'BTE'
    union all
    select
        area_code,
        'retail' as monthly_indicator,
        'retail_services' as feed,
        calendar_year,
        month_of_year,
        value_yoy_pct as month_yoy_pct,
        released_on,
        is_simulated
    from {{ ref('retail_services_monthly') }}
    where service_group = 'total'
    union all
    select
        area_code,
        'visitors' as monthly_indicator,
        'tourism' as feed,
        calendar_year,
        month_of_year,
        visitors_yoy_pct as month_yoy_pct,
        released_on,
        is_simulated
    from {{ ref('tourism_monthly') }}
    union all
    select
        area_code,
        'harvest' as monthly_indicator,
        'aquaculture' as feed,
        calendar_year,
        month_of_year,
        try_cast(
            round(
                100 * (cast(harvest_t as double) / cast(nullif(harvest_year_before_t, 0) as double) - 1), 4
            ) as decimal(12, 4)
        ) as month_yoy_pct,
        released_on,
        is_simulated
    from ponds
    union all
    select
        area_code,
        'disbursement' as monthly_indicator,
        'treasury_disbursement' as feed,
        calendar_year,
        month_of_year,
        try_cast(
            round(100 * (cast(paid_vnd as double) / cast(paid_year_before_vnd as double) - 1), 4)
            as decimal(12, 4)
        ) as month_yoy_pct,
        released_on,
        is_simulated
    from money
)

select
    area_code,
    monthly_indicator,
    feed,
    calendar_year,
    month_of_year,
    month_yoy_pct,
    released_on,
    is_simulated
from rates
where month_yoy_pct is not null

-- Bridge equations: what a monthly indicator of a sector says of the quarter whose accounts are not out yet. Growth of
-- the quarter = a + b x growth of the indicator over the first one, two or three months of that quarter, a and b by
-- least squares over all earlier quarters that have both. No bridge rests on fewer than twelve quarters.
with rates as (
    select
        indicators.sector_code,
        months.monthly_indicator,
        months.area_code,
        months.calendar_year,
        case
            when months.month_of_year <= 3 then 1
            when months.month_of_year <= 6 then 2
            when months.month_of_year <= 9 then 3
            else 4
        end as quarter_of_year,
        case
            when months.month_of_year in (1, 4, 7, 10) then 1
            when months.month_of_year in (2, 5, 8, 11) then 2
            else 3
        end as month_of_quarter,
        months.month_yoy_pct,
        months.is_simulated
    from {{ ref('int_monthly_growth') }} as months
    inner join {{ ref('projection_indicators') }} as indicators
        on months.monthly_indicator = indicators.monthly_indicator
),

first_months as (
    select distinct month_of_quarter as months_known
    from rates
),

index_quarters as (
    select
        rates.area_code,
        rates.sector_code,
        rates.monthly_indicator,
        rates.calendar_year,
        rates.quarter_of_year,
        first_months.months_known,
        cast(round(cast(sum(rates.month_yoy_pct) as double) / first_months.months_known, 4) as decimal(12, 4))
            as index_growth_pct,
        {{ any_simulated('rates.is_simulated') }} as is_simulated
    from rates
    inner join first_months on rates.month_of_quarter <= first_months.months_known
    group by
        rates.area_code,
        rates.sector_code,
        rates.monthly_indicator,
        rates.calendar_year,
        rates.quarter_of_year,
        first_months.months_known
    having count(*) = first_months.months_known
),

account_quarters as (
    select
        area_code,
        sector_code,
        calendar_year,
        quarters_known as quarter_of_year,
        base_from_year,
        try_cast(
            round(
                100
                * (
                    cast(quarter_constant_bn as double) / cast(quarter_year_before_constant_bn as double)
                    - 1
                ),
                4
            ) as decimal(12, 4)
        ) as growth_yoy_pct,
        is_simulated
    from {{ ref('int_year_parts') }}
    where quarter_year_before_constant_bn > 0
),

pairs as (
    select
        account_quarters.area_code,
        account_quarters.sector_code,
        account_quarters.calendar_year * 4 + account_quarters.quarter_of_year as quarter_number,
        account_quarters.base_from_year,
        index_quarters.monthly_indicator,
        index_quarters.months_known,
        cast(account_quarters.growth_yoy_pct as decimal(18, 4)) as growth_yoy_pct,
        cast(index_quarters.index_growth_pct as decimal(18, 4)) as index_growth_pct,
        account_quarters.is_simulated or index_quarters.is_simulated as is_simulated
    from account_quarters
    inner join index_quarters
        on
            account_quarters.area_code = index_quarters.area_code
            and account_quarters.sector_code = index_quarters.sector_code
            and account_quarters.calendar_year = index_quarters.calendar_year
            and account_quarters.quarter_of_year = index_quarters.quarter_of_year
    where account_quarters.growth_yoy_pct is not null
),

next_quarters as (
    select
        origins.area_code,
        origins.sector_code,
        origins.target_year,
        origins.quarters_known,
        origins.target_year * 4 + origins.quarters_known as quarter_number,
        origins.base_from_year,
        origins.is_simulated,
        index_quarters.monthly_indicator,
        index_quarters.months_known,
        index_quarters.index_growth_pct
    from {{ ref('int_projection_origins') }} as origins
    inner join index_quarters
        on
            origins.area_code = index_quarters.area_code
            and origins.sector_code = index_quarters.sector_code
            and origins.target_year = index_quarters.calendar_year
            and origins.quarters_known + 1 = index_quarters.quarter_of_year
            and {{ simulated_only_beside_simulated('origins', 'index_quarters') }}
),

-- Sums of products are exact: the order and number of threads must not change them.
sums as (
    select
        next_quarters.area_code,
        next_quarters.sector_code,
        next_quarters.target_year,
        next_quarters.quarters_known,
        next_quarters.monthly_indicator,
        next_quarters.months_known,
        next_quarters.index_growth_pct,
        cast(count(*) as double) as n,
        cast(sum(pairs.index_growth_pct) as double) as sum_x,
        cast(sum(pairs.growth_yoy_pct) as double) as sum_y,
        cast(sum(pairs.index_growth_pct * pairs.index_growth_pct) as double) as sum_xx,
        cast(sum(pairs.index_growth_pct * pairs.growth_yoy_pct) as double) as sum_xy
    from next_quarters
    inner join pairs
        on
            next_quarters.area_code = pairs.area_code
            and next_quarters.sector_code = pairs.sector_code
            and next_quarters.monthly_indicator = pairs.monthly_indicator
            and next_quarters.months_known = pairs.months_known
            and next_quarters.base_from_year = pairs.base_from_year
            and next_quarters.quarter_number >= pairs.quarter_number
            and {{ simulated_only_beside_simulated('next_quarters', 'pairs') }}
    group by
        next_quarters.area_code,
        next_quarters.sector_code,
        next_quarters.target_year,
        next_quarters.quarters_known,
        next_quarters.monthly_indicator,
        next_quarters.months_known,
        next_quarters.index_growth_pct
    having count(*) >= 12
),

lines as (
    select
        *,
        (n * sum_xy - sum_x * sum_y) / nullif(n * sum_xx - sum_x * sum_x, 0) as slope
    from sums
)

select
    area_code,
    sector_code,
    target_year,
    quarters_known,
    monthly_indicator || '_bridge_' || cast(months_known as varchar) as method,
    cast(n as integer) as bridge_quarters,
    try_cast(
        round((sum_y - slope * sum_x) / n + slope * cast(index_growth_pct as double), 4) as decimal(12, 4)
    ) as next_quarter_growth_pct
from lines
where slope is not null

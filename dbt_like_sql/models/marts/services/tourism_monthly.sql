-- Visitors and revenue of tourism month by month, on a year before and since January.
with office as (
    select value as area_code
    from {{ source('contracts', 'options') }}
    where feed = 'tourism' and option = 'area_code'
),

running as (
    select
        *,
        case
            when
                count(*) over (
                    partition by calendar_year
                    order by month_of_year
                    rows between unbounded preceding and current row
                ) = month_of_year
                then
                    sum(visitors) over (
                        partition by calendar_year
                        order by month_of_year
                        rows between unbounded preceding and current row
                    )
        end as visitors_ytd
    from {{ ref('stg_tourism') }}
)

select
    office.area_code,
    figures.month,
    figures.calendar_year,
    figures.month_of_year,
    figures.visitors,
    figures.overnight_visitors,
    figures.revenue_bn,
    try_cast(
        round(
            100 * (cast(figures.visitors as double) / cast(nullif(year_before.visitors, 0) as double) - 1), 4
        ) as decimal(12, 4)
    ) as visitors_yoy_pct,
    try_cast(
        round(
            100 * (
                cast(figures.overnight_visitors as double) / cast(nullif(year_before.overnight_visitors, 0) as double)
                - 1
            ), 4
        ) as decimal(12, 4)
    ) as overnight_visitors_yoy_pct,
    try_cast(
        round(
            100 * (cast(figures.revenue_bn as double) / cast(nullif(year_before.revenue_bn, 0) as double) - 1), 4
        ) as decimal(12, 4)
    ) as revenue_yoy_pct,
    cast(figures.visitors_ytd as bigint) as visitors_ytd,
    try_cast(
        round(
            100 * (cast(figures.visitors_ytd as double) / cast(nullif(year_before.visitors_ytd, 0) as double) - 1), 4
        ) as decimal(12, 4)
    ) as visitors_ytd_yoy_pct,
    periods.is_distorted_by_tet,
    figures.released_on,
    figures.delivery_id,
    coalesce(figures.is_simulated or year_before.is_simulated, figures.is_simulated) as is_simulated
from running as figures
cross join office
left join running as year_before on figures.month_year_before = year_before.month
left join {{ ref('int_periods') }} as periods on figures.month = periods.period
order by office.area_code, figures.month

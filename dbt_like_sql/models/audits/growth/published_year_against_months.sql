-- A row is one published growth of a year beside the growth of its first six months or more that was stated before.
-- It fails when the two leave the rest of the year a growth far from that of the months before: with the months in
-- proportion to their number, rest = (12 * year - m * months) / (12 - m). Index of production 2024: nine months
-- +10.07 %, year +5.5 %, so that the fourth quarter would be about -8 %.
with growth_rates as (
    select
        delivery_id,
        source_row,
        indicator,
        area_code,
        period,
        said_on,
        source_url,
        value,
        {{ year_number('period') }} as calendar_year,
        {{ last_month_of('period') }} as last_month_of_year
    from {{ source('candidates', 'published_figures') }}
    where
        measure = 'growth_yoy'
        and {{ period_type_of('period') }} in ('year', 'ytd')
),

paired as (
    select
        years.delivery_id,
        years.source_row,
        years.indicator,
        years.area_code,
        years.period,
        years.said_on,
        years.source_url,
        months.period as months_period,
        months.last_month_of_year as months,
        years.value as year_growth,
        months.value as months_growth,
        row_number() over (
            partition by years.delivery_id, years.source_row
            order by
                months.last_month_of_year desc,
                months.said_on desc,
                case when months.delivery_id = years.delivery_id then 0 else 1 end asc,
                months.delivery_id asc,
                months.source_row asc
        ) as row_number
    from growth_rates as years
    inner join growth_rates as months
        on
            years.indicator = months.indicator
            and years.area_code = months.area_code
            and years.calendar_year = months.calendar_year
            and years.said_on >= months.said_on
    where years.last_month_of_year = 12 and months.last_month_of_year between 6 and 11
),

implied as (
    select
        *,
        cast(12 * year_growth - months * months_growth as double) / (12 - months) as rest_growth
    from paired
    where row_number = 1
)

select
    delivery_id,
    source_row,
    indicator,
    area_code,
    period,
    months_period,
    cast(year_growth as decimal(12, 4)) as growth_yoy_pct,
    cast(months_growth as decimal(12, 4)) as months_growth_pct,
    cast(round(rest_growth, 4) as decimal(38, 4)) as implied_rest_growth_pct,
    cast(round(rest_growth - cast(months_growth as double), 4) as decimal(38, 4)) as rest_minus_months_pp
from implied

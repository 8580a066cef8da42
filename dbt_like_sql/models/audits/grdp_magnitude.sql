-- A row is one level of one delivery beside what was known of the same thing before: the same period in the first
-- delivery that had it, else the same period a year before, else the sector's level for each month in its first
-- delivery. It fails when the two differ by an order of magnitude: a unit is wrong, by 1,000 as a rule.
-- A figure far from the sector's first delivery is no yardstick for others, so that a wrong delivery does not make its
-- own correction look wrong. The first delivery's own figures always are: a series of forty years spans magnitudes.
-- Where that very delivery was the wrong one, its withdrawal mends the comparison.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        period,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
        case
            when length(period) = 4 then 12
            when substr(period, 6, 1) = 'Q' then 3
            when substr(period, length(period), 1) = 'M' then cast(replace(substr(period, 6), 'M', '') as integer)
            else 1
        end as months_in_period,
        'constant_2010' as price_basis,
        value_constant_2010_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_constant_2010_bn > 0
    union all
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        period,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
        case
            when length(period) = 4 then 12
            when substr(period, 6, 1) = 'Q' then 3
            when substr(period, length(period), 1) = 'M' then cast(replace(substr(period, 6), 'M', '') as integer)
            else 1
        end as months_in_period,
        'current' as price_basis,
        value_current_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_current_bn > 0
),

in_order as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, price_basis
            order by released_on asc, revision asc, delivery_id asc, substr(period, 1, 4) desc, period asc
        ) as place
    from figures
),

yardsticks as (
    select
        area_code,
        sector_code,
        price_basis,
        delivery_id,
        released_on,
        period,
        cast(figure_bn as double) / months_in_period as monthly_bn
    from in_order
    where place = 1
),

measured as (
    select
        figures.*,
        yardsticks.delivery_id as first_delivery_id,
        yardsticks.period as first_period,
        yardsticks.monthly_bn * figures.months_in_period as expected_bn
    from figures
    inner join yardsticks
        on
            figures.area_code = yardsticks.area_code
            and figures.sector_code = yardsticks.sector_code
            and figures.price_basis = yardsticks.price_basis
),

trusted as (
    select
        *,
        row_number() over (
            partition by area_code, sector_code, period, price_basis
            order by released_on asc, revision asc, delivery_id asc
        ) as place
    from measured
    where delivery_id = first_delivery_id or figure_bn between expected_bn / 30 and expected_bn * 30
),

referred as (
    select
        measured.*,
        same_period.figure_bn as restated_from_bn,
        coalesce(
            cast(same_period.figure_bn as double), cast(year_before.figure_bn as double), measured.expected_bn
        ) as reference_bn,
        coalesce(same_period.delivery_id, year_before.delivery_id, measured.first_delivery_id)
            as reference_delivery_id,
        coalesce(same_period.period, year_before.period, measured.first_period) as reference_period
    from measured
    left join trusted as same_period
        on
            measured.area_code = same_period.area_code
            and measured.sector_code = same_period.sector_code
            and measured.period = same_period.period
            and measured.price_basis = same_period.price_basis
            and measured.delivery_id <> same_period.delivery_id
            and measured.released_on >= same_period.released_on
            and same_period.place = 1
    left join trusted as year_before
        on
            measured.area_code = year_before.area_code
            and measured.sector_code = year_before.sector_code
            and measured.period_year_before = year_before.period
            and measured.price_basis = year_before.price_basis
            and measured.delivery_id <> year_before.delivery_id
            and measured.released_on >= year_before.released_on
            and year_before.place = 1
)

select
    delivery_id,
    source_row,
    area_code,
    sector_code,
    period,
    price_basis,
    cast(figure_bn as decimal(20, 6)) as total_bn,
    reference_delivery_id,
    reference_period,
    cast(round(reference_bn, 6) as decimal(38, 6)) as reference_bn,
    cast(round(cast(figure_bn as double) / reference_bn, 6) as decimal(38, 6)) as magnitude_ratio,
    cast(round(100 * (cast(figure_bn as double) / cast(restated_from_bn as double) - 1), 4) as decimal(38, 4))
        as restatement_pct
from referred
where delivery_id <> reference_delivery_id

-- A row is one level of one delivery beside what was known of the same thing before: the same period in the first
-- delivery that had it, else the same period a year before, else the last period of that kind.
-- It fails when the two differ by an order of magnitude: a unit is wrong, by 1,000 as a rule. The first delivery is
-- the yardstick and not the last, so that a wrong delivery does not make its own correction look wrong.
with figures as (
    select
        delivery_id,
        source_row,
        released_on,
        revision,
        area_code,
        sector_code,
        period,
        case
            when length(period) = 4 then 'year'
            when substr(period, 6, 1) = 'Q' then 'quarter'
            else 'ytd'
        end as period_type,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
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
        case
            when length(period) = 4 then 'year'
            when substr(period, 6, 1) = 'Q' then 'quarter'
            else 'ytd'
        end as period_type,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
        'current' as price_basis,
        value_current_bn as figure_bn
    from {{ source('candidates', 'grdp') }}
    where value_current_bn > 0
),

first_of_period as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by area_code, sector_code, period, price_basis
                order by released_on asc, revision asc, delivery_id asc
            ) as place
        from figures
    ) as ranked
    where place = 1
),

first_of_series as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by area_code, sector_code, period_type, price_basis
                order by released_on asc, revision asc, delivery_id asc, period desc
            ) as place
        from figures
    ) as ranked
    where place = 1
),

referred as (
    select
        figures.*,
        same_period.figure_bn as restated_from_bn,
        coalesce(same_period.figure_bn, year_before.figure_bn, other_period.figure_bn) as reference_bn,
        coalesce(same_period.delivery_id, year_before.delivery_id, other_period.delivery_id) as reference_delivery_id,
        coalesce(same_period.period, year_before.period, other_period.period) as reference_period
    from figures
    left join first_of_period as same_period
        on
            figures.area_code = same_period.area_code
            and figures.sector_code = same_period.sector_code
            and figures.period = same_period.period
            and figures.price_basis = same_period.price_basis
            and (
                figures.released_on > same_period.released_on
                or (figures.released_on = same_period.released_on and figures.revision > same_period.revision)
            )
    left join first_of_period as year_before
        on
            figures.area_code = year_before.area_code
            and figures.sector_code = year_before.sector_code
            and figures.period_year_before = year_before.period
            and figures.price_basis = year_before.price_basis
            and (
                figures.released_on > year_before.released_on
                or (figures.released_on = year_before.released_on and figures.revision > year_before.revision)
            )
    left join first_of_series as other_period
        on
            figures.area_code = other_period.area_code
            and figures.sector_code = other_period.sector_code
            and figures.period_type = other_period.period_type
            and figures.price_basis = other_period.price_basis
            and (
                figures.released_on > other_period.released_on
                or (figures.released_on = other_period.released_on and figures.revision > other_period.revision)
            )
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
    cast(reference_bn as decimal(20, 6)) as reference_bn,
    cast(round(cast(figure_bn as double) / cast(reference_bn as double), 6) as decimal(20, 6)) as magnitude_ratio,
    cast(round(100 * (cast(figure_bn as double) / cast(restated_from_bn as double) - 1), 4) as decimal(20, 4))
        as restatement_pct
from referred
where reference_bn is not null

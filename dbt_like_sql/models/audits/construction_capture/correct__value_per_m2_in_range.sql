-- A row is one return with value and floor area. The value is that of a quarter: it is scaled to the whole site by the
-- days of the site it links to. Where it links to none, or where those days are imputed, only the order of magnitude
-- can be judged: more than the whole site may cost, or less than a hundredth of the least. It fails outside its
-- stratum's range: a value in thousands or in dong, or an area in the wrong column, shows here.
with raised as (
    select
        works.*,
        strata.minimum_value_per_m2_mn,
        strata.maximum_value_per_m2_mn,
        coalesce(works.days_in_quarter > 0 and not works.is_time_imputed, false) as is_raised
    from {{ ref('int_survey_works') }} as works
    inner join {{ ref('construction_strata') }} as strata on works.stratum = strata.stratum
    where works.value_mn is not null and works.floor_area_m2 > 0
),

measured as (
    select
        *,
        cast(value_mn as double)
        * case when is_raised then cast(days_in_all as double) / days_in_quarter else 1 end
        / cast(floor_area_m2 as double) as value_per_m2,
        cast(minimum_value_per_m2_mn as double) / case when is_raised then 1 else 100 end as least_per_m2
    from raised
)

select
    quarter,
    return_id,
    district_code,
    stratum,
    value_mn,
    floor_area_m2,
    cast(round(value_per_m2, 3) as decimal(20, 3)) as value_per_m2_mn,
    minimum_value_per_m2_mn,
    maximum_value_per_m2_mn,
    delivery_id,
    source_row,
    value_per_m2 <= maximum_value_per_m2_mn and value_per_m2 >= least_per_m2 as is_in_range
from measured

-- What replaces a value that is set aside: the mean of the same return's neighbouring quarters, by days of work where
-- they are known; else floor area at the value per square metre of linked sites of the stratum and quarter, from at
-- least five donors, else of all quarters, else of all strata; else the registered cost. The error is that of the same
-- method on the returns whose value is known.
with works as (
    select
        works.quarter,
        works.return_id,
        works.area_code,
        works.stratum,
        returns.value_mn,
        {{ year_number('works.quarter') }} * 4 + {{ quarter_number('works.quarter') }} as quarter_number,
        case when not works.is_time_imputed and works.days_in_quarter > 0 then works.days_in_quarter end as days_known,
        cast(returns.floor_area_m2 as double)
        * case
            when works.days_in_quarter > 0 then cast(works.days_in_quarter as double) / works.days_in_all
            else least(91.0 / coalesce(costs.assumed_duration_days, 365), 1)
        end as area_of_quarter,
        costs.assumed_cost_per_m2_mn,
        works.is_matched and works.days_in_quarter > 0 as is_dated,
        aside.return_id is not null as is_set_aside
    from {{ ref('int_survey_works') }} as works
    inner join {{ ref('stg_construction_survey') }} as returns
        on
            works.quarter = returns.quarter
            and works.return_id = returns.return_id
    left join {{ ref('int_returns_set_aside') }} as aside
        on
            works.quarter = aside.quarter
            and works.return_id = aside.return_id
    left join {{ ref('capture_imputations') }} as costs on works.stratum = costs.stratum
    where works.is_counted
),

neighbours as (
    select
        works.quarter,
        works.return_id,
        avg(
            cast(others.value_mn as double)
            * case
                when works.days_known is not null and others.days_known is not null
                    then cast(works.days_known as double) / others.days_known
                else 1
            end
        ) as own_value
    from works
    inner join works as others
        on
            works.return_id = others.return_id
            and abs(works.quarter_number - others.quarter_number) = 1
    where not others.is_set_aside and others.value_mn > 0
    group by works.quarter, works.return_id
),

donors as (
    select * from works
    where is_dated and not is_set_aside and value_mn > 0 and area_of_quarter > 0
),

ratios_of_quarters as (
    select
        area_code,
        stratum,
        quarter,
        count(*) as n_donors,
        sum(cast(value_mn as double)) / sum(area_of_quarter) as value_per_m2
    from donors
    group by area_code, stratum, quarter
),

ratios_of_strata as (
    select
        area_code,
        stratum,
        count(*) as n_donors,
        sum(cast(value_mn as double)) / sum(area_of_quarter) as value_per_m2
    from donors
    group by area_code, stratum
),

ratios_of_areas as (
    select
        area_code,
        count(*) as n_donors,
        sum(cast(value_mn as double)) / sum(area_of_quarter) as value_per_m2
    from donors
    group by area_code
),

minimum as (
    select {{ threshold('minimum_donors') }} as minimum_donors
    from {{ ref('capture_thresholds') }}
),

imputed as (
    select
        works.*,
        neighbours.own_value,
        works.area_of_quarter * case
            when of_quarters.n_donors >= minimum.minimum_donors then of_quarters.value_per_m2
            when of_strata.n_donors >= minimum.minimum_donors then of_strata.value_per_m2
            when of_areas.n_donors >= minimum.minimum_donors then of_areas.value_per_m2
            else coalesce(of_quarters.value_per_m2, of_strata.value_per_m2, of_areas.value_per_m2)
        end as ratio_value,
        works.area_of_quarter * works.assumed_cost_per_m2_mn as registered_value
    from works
    cross join minimum
    left join neighbours
        on
            works.quarter = neighbours.quarter
            and works.return_id = neighbours.return_id
    left join ratios_of_quarters as of_quarters
        on
            works.area_code = of_quarters.area_code
            and works.stratum = of_quarters.stratum
            and works.quarter = of_quarters.quarter
    left join ratios_of_strata as of_strata
        on
            works.area_code = of_strata.area_code
            and works.stratum = of_strata.stratum
    left join ratios_of_areas as of_areas on works.area_code = of_areas.area_code
),

tried as (
    select
        area_code,
        stratum,
        avg((own_value - value_mn) * (own_value - value_mn)) as own_variance,
        avg((ratio_value - value_mn) * (ratio_value - value_mn)) as ratio_variance,
        avg((registered_value - value_mn) * (registered_value - value_mn)) as registered_variance
    from imputed
    where not is_set_aside and value_mn > 0
    group by area_code, stratum
)

select
    imputed.quarter,
    imputed.return_id,
    case
        when imputed.own_value is not null then 'own_quarters'
        when imputed.ratio_value is not null then 'linked_works'
        when imputed.registered_value is not null then 'registered_cost'
    end as imputation_basis,
    cast(
        round(coalesce(imputed.own_value, imputed.ratio_value, imputed.registered_value), 3) as decimal(20, 3)
    ) as imputed_value_mn,
    cast(
        round(
            sqrt(
                case
                    when imputed.own_value is not null then tried.own_variance
                    when imputed.ratio_value is not null then tried.ratio_variance
                    else tried.registered_variance
                end
            ),
            3
        ) as decimal(20, 3)
    ) as imputation_error_mn
from imputed
left join tried
    on
        imputed.area_code = tried.area_code
        and imputed.stratum = tried.stratum
where imputed.is_set_aside

{% macro shares_of_links_tried() %}
-- What follows is shared (macros/shares_of_links_tried.sql): of the pairs that were linked again, the shares that found
-- their own site and that would have another one. A stratum with too few pairs takes the shares of all of them.
sums as (
    select
        area_code,
        stratum,
        count(*) as n_tried,
        sum(is_found_again) as n_found_again,
        sum(is_linked_elsewhere) as n_linked_elsewhere
    from tried
    group by area_code, stratum
),

area_sums as (
    select
        area_code,
        sum(n_tried) as n_tried,
        sum(n_found_again) as n_found_again,
        sum(n_linked_elsewhere) as n_linked_elsewhere
    from sums
    group by area_code
),

strata as (
    select
        area_code,
        stratum
    from {{ ref('int_capture_domains') }}
    group by area_code, stratum
),

chosen as (
    select
        strata.area_code,
        strata.stratum,
        case when sums.n_tried >= threshold.minimum_tried then sums.n_tried else area_sums.n_tried end as n_tried,
        case when sums.n_tried >= threshold.minimum_tried then sums.n_found_again else area_sums.n_found_again end
            as n_found_again,
        case
            when sums.n_tried >= threshold.minimum_tried then sums.n_linked_elsewhere else area_sums.n_linked_elsewhere
        end as n_linked_elsewhere
    from strata
    cross join threshold
    inner join area_sums on strata.area_code = area_sums.area_code
    left join sums
        on
            strata.area_code = sums.area_code
            and strata.stratum = sums.stratum
    where area_sums.n_tried >= threshold.minimum_tried
    union all
    select
        area_sums.area_code,
        'total' as stratum,
        area_sums.n_tried,
        area_sums.n_found_again,
        area_sums.n_linked_elsewhere
    from area_sums
    cross join threshold
    where area_sums.n_tried >= threshold.minimum_tried
)

select
    area_code,
    stratum,
    cast(round(cast(n_found_again as double) / n_tried, 8) as decimal(12, 8)) as link_recall,
    cast(round(cast(n_linked_elsewhere as double) / n_tried, 8) as decimal(12, 8)) as link_false_share,
    cast(n_tried as integer) as n_links_tried
from chosen
{% endmacro %}

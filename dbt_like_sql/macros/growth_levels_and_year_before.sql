{% macro growth_levels_and_year_before(series) %}
-- What follows is shared (macros/growth_levels_and_year_before.sql): the rows of `levels`, and for each series the row
-- of the year before that its growth is measured against: of the same delivery where it has one, else the newest.
bases as (
    select
        levels.directive,
        levels.item,
        grdp.delivery_id,
        grdp.source_file,
        grdp.source_sheet,
        grdp.source_row,
        grdp.is_simulated,
        row_number() over (
            partition by {{ series }}, levels.period_year_before
            order by
                case when grdp.delivery_id = levels.delivery_id then 0 else 1 end asc,
                grdp.is_simulated asc,
                grdp.released_on desc,
                grdp.revision desc,
                grdp.delivery_id desc
        ) as row_number
    from levels
    inner join {{ ref('stg_grdp') }} as grdp
        on
            levels.area_code = grdp.area_code
            and levels.sector_code = grdp.sector_code
            and levels.period_year_before = grdp.period
            and levels.base_code = grdp.base_code
            and (levels.is_simulated or not grdp.is_simulated)
    where grdp.value_constant_bn is not null
)

select
    directive,
    item,
    'grdp' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'value' as evidence_role,
    is_simulated
from levels
union all
select
    directive,
    item,
    'grdp' as feed,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    'year_before' as evidence_role,
    is_simulated
from bases
where row_number = 1
{% endmacro %}

-- Every level of value added that was known on the day, in all its vintages: growth is computed within one
-- vintage, so that the earlier ones are needed too. Where two price bases stand side by side in one delivery each is a
-- row, and the value at current prices, given once, belongs to both.
select
    delivery_id,
    area_code,
    sector_code,
    period,
    {{ period_type_of('period') }} as period_type,
    {{ year_number('period') }} as calendar_year,
    {{ last_month_of('period') }} as last_month_of_year,
    {{ year_before('period') }} as period_year_before,
    value_constant_bn,
    max(value_current_bn) over (partition by delivery_id, area_code, sector_code, period) as value_current_bn,
    base_year,
    {{ base_code('base_year') }} as base_code,
    estimate_stage,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from {{ source('validated', 'grdp') }}
where released_on <= {{ var('as_of') }}

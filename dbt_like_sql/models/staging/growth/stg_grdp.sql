-- Every level of value added that was known on the day, in all its vintages: growth is computed within one
-- vintage, so that the earlier ones are needed too. Where two price bases stand side by side in one delivery each is a
-- row, and the value at current prices, told once, belongs to both.
with released as (
    select
        delivery_id,
        area_code,
        sector_code,
        period,
        estimate_stage,
        released_on,
        revision,
        is_simulated,
        source_file,
        source_sheet,
        source_row,
        value_constant_bn,
        max(value_current_bn) over (
            partition by delivery_id, area_code, sector_code, period
        ) as value_current_bn,
        base_year,
        cast({{ year_of('period') }} as integer) as calendar_year,
        substr(period, 6) as period_suffix
    from {{ source('validated', 'grdp') }}
    where released_on <= {{ var('as_of') }}
),

dated as (
    select
        *,
        case
            when period_suffix = '' then 'year'
            when substr(period_suffix, 1, 1) = 'Q' then 'quarter'
            when substr(period_suffix, length(period_suffix), 1) = 'M' then 'ytd'
            else 'month'
        end as period_type
    from released
)

select
    delivery_id,
    area_code,
    sector_code,
    period,
    period_type,
    calendar_year,
    case
        when period_type = 'year' then 12
        when period_type = 'quarter' then 3 * cast(substr(period_suffix, 2, 1) as integer)
        when period_type = 'ytd' then cast(replace(period_suffix, 'M', '') as integer)
        else cast(period_suffix as integer)
    end as last_month_of_year,
    {{ year_before('period') }} as period_year_before,
    value_constant_bn,
    value_current_bn,
    base_year,
    {{ base_code('base_year') }} as base_code,
    estimate_stage,
    released_on,
    revision,
    is_simulated,
    source_file,
    source_sheet,
    source_row
from dated

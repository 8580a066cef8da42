-- The rows of the accounts that give the level of each activity and that of the year before, quarter by quarter where a
-- cumulative level is a sum of quarters. The base of a level is the one of its own delivery where that has it, else the
-- one known on the day.
with levels as (
    select
        activities.directive,
        activities.item,
        parts.area_code,
        parts.sector_code,
        {{ year_before('parts.period') }} as period_year_before,
        {{ source_row_of('parts') }},
        parts.base_code,
        parts.is_simulated
    from {{ ref('int_service_activities') }} as activities
    inner join {{ ref('int_sector_growth') }} as whole
        on
            activities.area_code = whole.area_code
            and activities.sector_code = whole.sector_code
            and activities.period = whole.period
    inner join {{ ref('int_sector_growth') }} as parts
        on
            whole.area_code = parts.area_code
            and whole.sector_code = parts.sector_code
            and parts.level_basis = 'delivered'
            and whole.base_code = parts.base_code
            and (
                (whole.level_basis = 'delivered' and whole.period = parts.period)
                or (
                    whole.level_basis = 'sum_of_quarters'
                    and parts.period_type = 'quarter'
                    and whole.calendar_year = parts.calendar_year
                    and whole.last_month_of_year >= parts.last_month_of_year
                )
            )
),

{{ growth_levels_and_year_before('levels.directive, levels.item, levels.sector_code') }}

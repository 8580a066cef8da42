-- The monthly tables of the national office as series: each row under the code of what its label means, as known on the
-- day. A province that a table does not name in a month has no row in that month.
with delivered as (
    select
        'industry' as national_table,
        area_code,
        month,
        cast(null as varchar) as section_label,
        row_label,
        cast(null as decimal(18, 4)) as value_bn,
        cast(null as decimal(18, 4)) as ytd_bn,
        cast(null as decimal(12, 4)) as of_plan_pct,
        cast(null as decimal(12, 4)) as of_total_pct,
        cast(null as bigint) as international_visits,
        cast(null as bigint) as international_visits_ytd,
        index_mom,
        index_yoy,
        index_ytd,
        released_on,
        revision,
        is_simulated,
        delivery_id,
        source_file,
        source_sheet,
        source_row
    from {{ ref('stg_national_monthly_industry') }}
    union all
    select
        'investment' as national_table,
        area_code,
        month,
        section_label,
        row_label,
        value_bn,
        ytd_bn,
        of_plan_pct,
        cast(null as decimal(12, 4)) as of_total_pct,
        cast(null as bigint) as international_visits,
        cast(null as bigint) as international_visits_ytd,
        cast(null as decimal(14, 6)) as index_mom,
        cast(null as decimal(14, 6)) as index_yoy,
        index_ytd,
        released_on,
        revision,
        is_simulated,
        delivery_id,
        source_file,
        source_sheet,
        source_row
    from {{ ref('stg_national_monthly_investment') }}
    union all
    select
        'retail' as national_table,
        area_code,
        month,
        section_label,
        row_label,
        value_bn,
        ytd_bn,
        cast(null as decimal(12, 4)) as of_plan_pct,
        of_total_pct,
        cast(null as bigint) as international_visits,
        cast(null as bigint) as international_visits_ytd,
        cast(null as decimal(14, 6)) as index_mom,
        index_yoy,
        index_ytd,
        released_on,
        revision,
        is_simulated,
        delivery_id,
        source_file,
        source_sheet,
        source_row
    from {{ ref('stg_national_monthly_retail') }}
    union all
    select
        'visitors' as national_table,
        area_code,
        month,
        section_label,
        row_label,
        cast(null as decimal(18, 4)) as value_bn,
        cast(null as decimal(18, 4)) as ytd_bn,
        cast(null as decimal(12, 4)) as of_plan_pct,
        cast(null as decimal(12, 4)) as of_total_pct,
        international_visits,
        international_visits_ytd,
        cast(null as decimal(14, 6)) as index_mom,
        index_yoy,
        index_ytd,
        released_on,
        revision,
        is_simulated,
        delivery_id,
        source_file,
        source_sheet,
        source_row
    from {{ ref('stg_national_monthly_visitors') }}
),

coded as (
    select
        delivered.*,
        coalesce(in_section.national_item_code, anywhere.national_item_code) as national_item_code,
        coalesce(in_section.area_code, anywhere.area_code, delivered.area_code) as area_of_row
    from delivered
    left join {{ ref('national_labels') }} as in_section
        on
            delivered.national_table = in_section.national_table
            and lower(delivered.section_label) = in_section.section_label
            and lower(delivered.row_label) = in_section.row_label
    left join {{ ref('national_labels') }} as anywhere
        on
            delivered.national_table = anywhere.national_table
            and anywhere.section_label is null
            and lower(delivered.row_label) = anywhere.row_label
),

-- One meaning may have been written in two ways; what is published comes before what is simulated.
ranked as (
    select
        *,
        row_number() over (
            partition by national_table, area_of_row, national_item_code, month
            order by is_simulated asc, released_on desc, revision desc, delivery_id asc, source_row asc
        ) as row_number
    from coded
    where national_item_code is not null
)

select
    national_table,
    area_of_row as area_code,
    national_item_code,
    month,
    row_label,
    value_bn,
    ytd_bn,
    of_plan_pct,
    of_total_pct,
    international_visits,
    international_visits_ytd,
    index_mom,
    index_yoy,
    index_ytd,
    released_on,
    is_simulated,
    delivery_id,
    source_file,
    source_sheet,
    source_row
from ranked
where row_number = 1

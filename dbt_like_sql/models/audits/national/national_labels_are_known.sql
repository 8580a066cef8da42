-- A row is one delivered row of a national table compared with the seed of its labels: which of them have no known
-- code.
with delivered as (
    select
        'industry' as national_table,
        delivery_id,
        source_row,
        cast(null as varchar) as section_label,
        row_label
    from {{ ref('stg_national_monthly_industry') }}
    union all
    select
        'investment' as national_table,
        delivery_id,
        source_row,
        section_label,
        row_label
    from {{ ref('stg_national_monthly_investment') }}
    union all
    select
        'retail' as national_table,
        delivery_id,
        source_row,
        section_label,
        row_label
    from {{ ref('stg_national_monthly_retail') }}
    union all
    select
        'visitors' as national_table,
        delivery_id,
        source_row,
        section_label,
        row_label
    from {{ ref('stg_national_monthly_visitors') }}
)

select
    delivered.delivery_id,
    delivered.source_row,
    delivered.national_table,
    delivered.row_label,
    coalesce(in_section.national_item_code, anywhere.national_item_code) is not null as is_known_label
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

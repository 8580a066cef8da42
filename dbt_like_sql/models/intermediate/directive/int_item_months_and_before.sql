-- The months of each item, and the same months a year before, with which its figures are compared.
select
    directive,
    item,
    indicator,
    area_code,
    item_months,
    item_first_month,
    item_last_month,
    false as is_year_before
from {{ ref('int_item_months') }}
union all
select
    directive,
    item,
    indicator,
    area_code,
    item_months,
    {{ year_before('item_first_month') }} as item_first_month,
    {{ year_before('item_last_month') }} as item_last_month,
    true as is_year_before
from {{ ref('int_item_months') }}

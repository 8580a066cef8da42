-- The span of each item, and the same span a year before, with which its figures are compared.
select
    directive,
    item,
    indicator,
    area_code,
    first_on,
    last_on,
    0 as years_back
from {{ ref('int_item_spans') }}
union all
select
    directive,
    item,
    indicator,
    area_code,
    cast(first_on - interval '1' year as date) as first_on,
    cast(last_on - interval '1' year as date) as last_on,
    1 as years_back
from {{ ref('int_item_spans') }}

-- Of the listed sites that were not found and about which an office answered, the share that had not been begun in the
-- quarter; it stands for the cases that nobody answered. Without an answer there is no row.
select
    area_code,
    quarter,
    cast(round(cast(sum(n_not_begun) as double) / sum(n_answered), 8) as decimal(12, 8)) as not_begun_share
from {{ ref('int_capture_cells') }}
group by area_code, quarter
having sum(n_answered) > 0

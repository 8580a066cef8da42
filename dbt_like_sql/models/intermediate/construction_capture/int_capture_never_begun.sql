-- Of the listed works that were not found and of which an office answered, the share that had not been begun in the
-- quarter: it stands for the cases that nobody answered. Without an answer there is no row.
select
    area_code,
    quarter,
    cast(
        round(cast(count(case when capture_status = 'not_begun' then 1 end) as double) / count(*), 8)
        as decimal(12, 8)
    ) as not_begun_share
from {{ ref('int_listed_status') }}
where list_kind <> 'contract' and answer is not null and capture_status <> 'matched'
group by area_code, quarter

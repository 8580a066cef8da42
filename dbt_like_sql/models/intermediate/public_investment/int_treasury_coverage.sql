-- Deliveries that overlap or follow each other without a gap are merged into one stretch.
with reached as (
    select
        covered_from_on,
        covered_to_on,
        max(covered_to_on) over (
            order by covered_from_on, covered_to_on, delivery_id rows between unbounded preceding and 1 preceding
        ) as reached_on,
        delivery_id
    from {{ ref('int_treasury_spans') }}
),

numbered as (
    select
        *,
        sum(case when reached_on is null or covered_from_on > reached_on + 1 then 1 else 0 end) over (
            order by covered_from_on, covered_to_on, delivery_id rows between unbounded preceding and current row
        ) as stretch
    from reached
)

select
    min(covered_from_on) as covered_from_on,
    max(covered_to_on) as covered_to_on
from numbered
group by stretch

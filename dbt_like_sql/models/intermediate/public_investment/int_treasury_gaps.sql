-- What was paid on these days is unknown, so no total that includes them may be shown. Of a refused delivery only the
-- days count that no accepted delivery before them covers.
with stretches as (
    select
        covered_from_on,
        covered_to_on,
        lag(covered_to_on) over (order by covered_from_on) as covered_before_on
    from {{ ref('int_treasury_coverage') }}
),

refused as (
    select
        coalesce(coverage.covered_to_on + 1, deliveries.period_first_on) as gap_from_on,
        deliveries.period_last_on as gap_to_on,
        deliveries.status as gap_reason
    from {{ ref('stg_deliveries') }} as deliveries
    left join {{ ref('int_treasury_coverage') }} as coverage
        on deliveries.period_first_on between coverage.covered_from_on and coverage.covered_to_on
    where
        deliveries.feed = 'treasury_disbursement'
        and deliveries.status in ('rejected', 'withdrawn')
        and deliveries.period_first_on is not null
        and deliveries.period_last_on is not null
)

select
    covered_before_on + 1 as gap_from_on,
    covered_from_on - 1 as gap_to_on,
    'missing' as gap_reason
from stretches
where covered_before_on is not null
union
select
    gap_from_on,
    gap_to_on,
    gap_reason
from refused
where gap_from_on <= gap_to_on

-- What was paid on these days is unknown, so that no total that includes them may be shown.
with stretches as (
    select
        covered_from_on,
        covered_to_on,
        lag(covered_to_on) over (order by covered_from_on) as covered_before_on
    from {{ ref('int_treasury_coverage') }}
),

refused as (
    select
        deliveries.period_first_on,
        deliveries.period_last_on,
        deliveries.status
    from {{ ref('stg_deliveries') }} as deliveries
    left join {{ ref('int_treasury_coverage') }} as coverage
        on
            deliveries.period_first_on >= coverage.covered_from_on
            and deliveries.period_last_on <= coverage.covered_to_on
    where
        deliveries.feed = 'treasury_disbursement'
        and deliveries.status in ('rejected', 'withdrawn')
        and deliveries.period_first_on is not null
        and deliveries.period_last_on is not null
        and coverage.covered_from_on is null
)

select
    covered_before_on + 1 as gap_from_on,
    covered_from_on - 1 as gap_to_on,
    'missing' as gap_reason
from stretches
where covered_before_on is not null
union
select
    period_first_on as gap_from_on,
    period_last_on as gap_to_on,
    status as gap_reason
from refused

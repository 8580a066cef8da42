-- A delivery covers the days of its period, and every day that its vouchers reach beyond them: one file may hold
-- everything. A yearly file that reaches past December covers the whole budget year. Where the period continues after
-- the delivery, its last whole day is the one before its release.
with postings as (
    select
        delivery_id,
        min(posted_on) as first_posted_on,
        max(posted_on) as last_posted_on
    from {{ ref('stg_treasury_disbursement') }}
    group by delivery_id
),

periods as (
    select
        deliveries.delivery_id,
        deliveries.released_on,
        deliveries.period_first_on,
        postings.first_posted_on,
        postings.last_posted_on,
        case
            when {{ is_year('deliveries.period') }} and postings.last_posted_on > deliveries.period_last_on
                then {{ usual_closing_of('cast(deliveries.period as integer)') }}
            else deliveries.period_last_on
        end as ends_on
    from {{ ref('stg_deliveries') }} as deliveries
    left join postings on deliveries.delivery_id = postings.delivery_id
    where
        deliveries.feed = 'treasury_disbursement'
        and deliveries.status in ('accepted', 'accepted_in_part')
),

ends as (
    select
        *,
        case when ends_on > released_on then released_on - 1 else ends_on end as reported_to_on
    from periods
),

spans as (
    select
        delivery_id,
        released_on,
        least(coalesce(period_first_on, first_posted_on), coalesce(first_posted_on, period_first_on))
            as covered_from_on,
        greatest(coalesce(reported_to_on, last_posted_on), coalesce(last_posted_on, reported_to_on)) as covered_to_on
    from ends
)

select
    delivery_id,
    covered_from_on,
    covered_to_on,
    released_on
from spans
where covered_from_on <= covered_to_on

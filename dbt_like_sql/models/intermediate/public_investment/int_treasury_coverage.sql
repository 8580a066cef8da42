-- A delivery speaks of the days of its period up to its release, and of every day that its vouchers reach beyond
-- them: one file may hold everything. A yearly file that reaches past December speaks of the whole budget year.
with postings as (
    select
        delivery_id,
        min(posted_on) as first_posted_on,
        max(posted_on) as last_posted_on
    from {{ ref('stg_treasury_disbursement') }}
    group by delivery_id
),

spans as (
    select
        deliveries.delivery_id,
        least(
            coalesce(deliveries.period_first_on, postings.first_posted_on),
            coalesce(postings.first_posted_on, deliveries.period_first_on)
        ) as first_on,
        greatest(
            coalesce(
                case
                    when length(deliveries.period) = 4 and postings.last_posted_on > deliveries.period_last_on
                        then
                            least(
                                make_date(cast(deliveries.period as integer) + 1, 1, 31), deliveries.released_on
                            )
                    else least(deliveries.period_last_on, deliveries.released_on)
                end,
                postings.last_posted_on
            ),
            coalesce(postings.last_posted_on, least(deliveries.period_last_on, deliveries.released_on))
        ) as last_on
    from {{ ref('stg_deliveries') }} as deliveries
    left join postings on deliveries.delivery_id = postings.delivery_id
    where
        deliveries.feed = 'treasury_disbursement'
        and deliveries.status in ('accepted', 'accepted_in_part')
),

reached as (
    select
        first_on,
        last_on,
        max(last_on) over (
            order by first_on, last_on rows between unbounded preceding and 1 preceding
        ) as reached_on
    from spans
    where first_on <= last_on
),

numbered as (
    select
        *,
        sum(case when reached_on is null or first_on > reached_on + 1 then 1 else 0 end) over (
            order by first_on, last_on rows between unbounded preceding and current row
        ) as stretch
    from reached
)

select
    min(first_on) as covered_from_on,
    max(last_on) as covered_to_on
from numbered
group by stretch

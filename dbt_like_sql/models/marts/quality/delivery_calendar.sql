-- Which deliveries were due, and which are there, with the items that wait for them.
with waiting as (
    select
        feed,
        period,
        string_agg(directive || ' ' || item, ', ' order by directive || ' ' || item) as items_waiting
    from {{ ref('int_items_waiting') }}
    group by feed, period
)

select
    periods.feed,
    periods.period,
    periods.supplier,
    periods.due_on,
    periods.received_on,
    periods.days_late,
    periods.status,
    waiting.items_waiting,
    periods.is_simulated
from {{ ref('int_delivery_periods') }} as periods
left join waiting
    on
        periods.feed = waiting.feed
        and periods.period = waiting.period
order by periods.feed, periods.last_day_on, periods.period

-- An obstacle counts when its day has come: resolved by then it was in time, resolved later or still open it was not.
-- How it stands is known to the day of the task force's latest delivery, and of a past day to that day; what is due
-- after it does not count yet.
-- A year before is given only where the register of cases had begun when it began.
-- A case that says it was resolved before it was raised is left out until it is corrected.
with areas as (
    select max(case when feed = 'obstacles' and option = 'area_code' then value end) as area_code
    from {{ source('contracts', 'options') }}
),

items as (
    select
        items.directive,
        items.item,
        {{ first_day_of_year('items.period') }} as first_on,
        {{ last_day_of_year('items.period') }} as last_on
    from {{ ref('directive_items') }} as items
    inner join areas on items.area_code = areas.area_code
    where items.indicator = 'obstacles_resolved_in_time' and {{ is_year('items.period') }}
),

origin as (
    select
        {{ all_simulated('is_simulated') }} as is_all_simulated,
        coalesce(max(case when not is_simulated then released_on end), max(released_on)) as released_on,
        least(
            coalesce(max(case when not is_simulated then released_on end), max(released_on)), {{ var('as_of') }}
        ) as known_on,
        coalesce(min(case when not is_simulated then raised_on end), min(raised_on)) as begun_on
    from {{ ref('stg_obstacles') }}
),

cases as (
    select
        items.directive,
        items.item,
        items.first_on,
        items.last_on,
        origin.known_on,
        origin.released_on,
        obstacles.due_on between items.first_on and least(items.last_on, origin.known_on) as is_due,
        obstacles.due_on is null as is_without_day,
        coalesce(obstacles.due_on > origin.known_on, false)
        and obstacles.due_on <= items.last_on as is_due_later,
        obstacles.resolved_on,
        coalesce(obstacles.resolved_on <= obstacles.due_on, false) as is_in_time,
        coalesce(obstacles.resolved_on < obstacles.raised_on, false) as is_contradictory,
        obstacles.is_simulated
    from items
    cross join origin
    inner join {{ ref('stg_obstacles') }} as obstacles
        on
            obstacles.raised_on <= items.last_on
            and obstacles.is_simulated = origin.is_all_simulated
),

counted as (
    select
        directive,
        item,
        first_on,
        last_on,
        known_on,
        released_on,
        sum(case when is_due and not is_contradictory then 1 else 0 end) as due_cases,
        sum(case when is_due and not is_contradictory and is_in_time then 1 else 0 end) as in_time_cases,
        sum(
            case when is_due and not is_contradictory and not is_in_time and resolved_on is not null then 1 else 0 end
        ) as late_cases,
        sum(case when is_due and resolved_on is null then 1 else 0 end) as open_cases,
        sum(case when is_due_later and resolved_on is null then 1 else 0 end) as later_cases,
        sum(case when is_without_day then 1 else 0 end) as dayless_cases,
        sum(case when is_due and is_contradictory then 1 else 0 end) as contradictory_cases,
        {{ any_simulated('is_simulated') }} as is_simulated
    from cases
    group by directive, item, first_on, last_on, known_on, released_on
),

-- those due up to the same day a year before
before as (
    select
        counted.directive,
        counted.item,
        min(origin.begun_on) as begun_on,
        min(origin.begun_on) <= min(counted.first_on) - interval '1' year as is_covered,
        cast(
            round(
                100 * cast(count(case when obstacles.resolved_on <= obstacles.due_on then 1 end) as double)
                / count(*),
                4
            ) as decimal(12, 4)
        ) as share_pct
    from counted
    cross join origin
    inner join {{ ref('stg_obstacles') }} as obstacles
        on
            obstacles.due_on between counted.first_on - interval '1' year
            and least(counted.last_on, counted.known_on) - interval '1' year
            and obstacles.is_simulated = origin.is_all_simulated
    where coalesce(obstacles.resolved_on >= obstacles.raised_on, true)
    group by counted.directive, counted.item
),

with_messages as (
    select
        counted.*,
        case when before.is_covered then before.share_pct end as share_before_pct,
        concat_ws(
            ' ',
            'obstacles_in_time',
            case when counted.later_cases > 0 then 'obstacles_not_yet_due' end,
            case when counted.dayless_cases > 0 then 'obstacles_without_a_day' end,
            case when counted.contradictory_cases > 0 then 'obstacles_contradictory' end,
            case when not before.is_covered then 'obstacles_begun_later' end
        ) as detail_codes,
        to_json({
            'in_time': counted.in_time_cases,
            'due': counted.due_cases,
            'late': counted.late_cases,
            'still_open': counted.open_cases,
            'not_yet_due': counted.later_cases,
            'without_a_day': counted.dayless_cases,
            'contradictory': counted.contradictory_cases,
            'begun_on': before.begun_on
        }) as detail_values
    from counted
    left join before
        on
            counted.directive = before.directive
            and counted.item = before.item
),

newest_deliveries as (
    select
        released_on,
        max(delivery_id) as delivery_id,
        max(supplier) as publisher
    from {{ ref('stg_deliveries') }}
    where feed = 'obstacles' and status in ('accepted', 'accepted_in_part')
    group by released_on
)

select
    counted.directive,
    counted.item,
    'computed_from_counts' as evidence_basis,
    case
        when counted.known_on >= counted.last_on then cast(year(counted.first_on) as varchar)
        else cast(counted.known_on as varchar)
    end as evidence_period,
    counted.known_on >= counted.last_on as covers_target_period,
    cast(
        round(cast(counted.in_time_cases as double) * 100 / cast(nullif(counted.due_cases, 0) as double), 4)
        as decimal(12, 4)
    ) as actual,
    counted.share_before_pct as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(counted.detail_codes, counted.detail_values) as detail_en,
    message_vi(counted.detail_codes, counted.detail_values) as detail_vi,
    counted.released_on,
    newest_deliveries.publisher,
    newest_deliveries.delivery_id,
    counted.is_simulated
from with_messages as counted
left join newest_deliveries on counted.released_on = newest_deliveries.released_on
where counted.due_cases > 0

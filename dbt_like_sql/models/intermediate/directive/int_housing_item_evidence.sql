-- A count may be achieved early; it is missed only when its period is over and the register says how it ended. Until
-- then the count that is due grows with the days elapsed (assumption): R = started / (asked for x days elapsed / days).
-- Days count up to the day of the register: a register that grows old is no new evidence.
with counted as (
    select
        projects.directive,
        projects.item,
        projects.threshold,
        projects.first_on,
        projects.last_on,
        max(projects.known_until_on) as known_until_on,
        count(case when projects.is_approved then 1 end) as n_approved,
        count(case when projects.is_done then 1 end) as n_started,
        count(case when projects.is_done_year_before then 1 end) as n_started_year_before,
        count(case when projects.is_done and projects.completed_on is not null then 1 end) as n_completed,
        sum(case when projects.is_done then projects.dwellings end) as dwellings,
        max(projects.released_on) as released_on,
        max(projects.delivery_id) as delivery_id,
        {{ any_simulated('projects.is_simulated') }} as is_simulated
    from {{ ref('int_item_housing') }} as projects
    group by projects.directive, projects.item, projects.threshold, projects.first_on, projects.last_on
),

measured as (
    select
        counted.*,
        least(counted.known_until_on, counted.last_on) as until_on,
        date_diff('day', counted.first_on, counted.last_on) + 1 as days_in_all,
        date_diff('day', counted.first_on, least(counted.known_until_on, counted.last_on)) + 1 as days_gone,
        least(counted.known_until_on, counted.last_on) as asked_on,
        assumptions.assumed_value
    from counted
    cross join {{ ref('assumptions') }} as assumptions
    where assumptions.assumption = 'count_due_at_period_end' and counted.known_until_on >= counted.first_on
),

with_messages as (
    select
        *,
        concat_ws(
            ' ',
            'housing_started',
            case when dwellings is not null then 'housing_dwellings' end,
            case when n_completed > 0 then 'housing_completed' end,
            case when asked_on < last_on then 'housing_asked' end
        ) as detail_codes,
        to_json({
            'n_started': n_started,
            'n_approved': n_approved,
            'dwellings': cast(dwellings as bigint),
            'n_completed': n_completed,
            'asked_on': asked_on,
            'n_asked': cast(
                round(cast(threshold as double) * cast(assumed_value as double) * days_gone / days_in_all, 2)
                as decimal(12, 2)
            )
        }) as detail_values
    from measured
)

select
    evidence.directive,
    evidence.item,
    'computed_from_counts' as evidence_basis,
    {{ months_until('evidence.first_on', 'evidence.until_on') }} as evidence_period,
    coalesce(evidence.n_started >= evidence.threshold or evidence.known_until_on > evidence.last_on, false)
        as covers_target_period,
    cast(evidence.n_started as decimal(12, 4)) as actual,
    cast(nullif(evidence.n_started_year_before, 0) as decimal(12, 4)) as value_year_before,
    try_cast(
        round(
            cast(evidence.n_started as double) * evidence.days_in_all
            / nullif(
                cast(evidence.threshold as double) * cast(evidence.assumed_value as double) * evidence.days_gone, 0
            ),
            4
        ) as decimal(12, 4)
    ) as progress_ratio,
    cast(evidence.n_started - evidence.threshold as decimal(38, 6)) as sign_exact_difference,
    message_en(evidence.detail_codes, evidence.detail_values) as detail_en,
    message_vi(evidence.detail_codes, evidence.detail_values) as detail_vi,
    evidence.released_on,
    deliveries.supplier as publisher,
    evidence.delivery_id,
    evidence.is_simulated
from with_messages as evidence
left join {{ ref('stg_deliveries') }} as deliveries on evidence.delivery_id = deliveries.delivery_id

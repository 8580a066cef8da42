-- What share of the listed sites that were not found had never been begun, as offices answered. Answers are counted by
-- case, since a case that is open for several quarters is answered once: those of the quarter where there are enough,
-- else those of all quarters. The share is the mean of its distribution given the answers, (x + 1) / (n + 2), its error
-- the standard deviation, so that a few answers of one kind are not certainty. Where all quarters have too few answers
-- there is no share, only what was answered. Without an answer there is no row.
with threshold as (
    select {{ threshold('minimum_cases_answered') }} as minimum_answered
    from {{ ref('capture_thresholds') }}
),

statuses as (
    select
        coalesce(area_code, '') as area_code,
        quarter,
        listed_id,
        capture_status = 'not_begun' as is_not_begun,
        -- A site that had not been begun when the office answered may have been begun in a later quarter.
        capture_status <> 'matched'
        and coalesce(capture_status = 'not_begun' or answer <> 'not_begun', false) as is_answered
    from {{ ref('int_listed_status') }}
    where list_kind <> 'contract' and district_code is not null
),

answered as (
    select
        area_code,
        quarter,
        listed_id,
        is_not_begun
    from statuses
    where is_answered
),

of_quarters as (
    select
        area_code,
        quarter,
        count(*) as n_answered,
        count(case when is_not_begun then 1 end) as n_not_begun
    from answered
    group by area_code, quarter
),

cases as (
    select
        area_code,
        listed_id,
        max(case when is_not_begun then 1 else 0 end) as not_begun
    from answered
    group by area_code, listed_id
),

of_areas as (
    select
        area_code,
        count(*) as n_answered,
        sum(not_begun) as n_not_begun
    from cases
    group by area_code
),

quarters as (
    select
        area_code,
        quarter
    from statuses
    group by area_code, quarter
),

chosen as (
    select
        quarters.area_code,
        quarters.quarter,
        coalesce(of_quarters.n_answered >= threshold.minimum_answered, false) as is_of_quarter,
        of_areas.n_answered >= threshold.minimum_answered as is_enough,
        cast(
            case
                when of_quarters.n_answered >= threshold.minimum_answered then of_quarters.n_answered
                else of_areas.n_answered
            end as double
        ) as n_answered,
        cast(
            case
                when of_quarters.n_answered >= threshold.minimum_answered then of_quarters.n_not_begun
                else of_areas.n_not_begun
            end as double
        ) as n_not_begun
    from quarters
    cross join threshold
    inner join of_areas on quarters.area_code = of_areas.area_code
    left join of_quarters
        on
            quarters.area_code = of_quarters.area_code
            and quarters.quarter = of_quarters.quarter
)

select
    area_code,
    quarter,
    is_of_quarter,
    cast(n_answered as integer) as n_cases_answered,
    cast(n_not_begun as integer) as n_cases_not_begun,
    cast(round(n_not_begun / n_answered, 8) as decimal(12, 8)) as answered_not_begun_share,
    cast(round(case when is_enough then (n_not_begun + 1) / (n_answered + 2) end, 8) as decimal(12, 8))
        as not_begun_share,
    cast(
        round(
            case
                when is_enough
                    then
                        sqrt(
                            (n_not_begun + 1) * (n_answered - n_not_begun + 1)
                            / ((n_answered + 2) * (n_answered + 2) * (n_answered + 3))
                        )
            end,
            8
        ) as decimal(12, 8)
    ) as not_begun_share_error
from chosen

-- The source rows under the figures of the quality of surveys: every row asked (denominator) and every answer
-- (numerator).
with items as (
    select * from {{ ref('int_capture_items') }}
    where indicator = 'survey_response_rate'
),

returns_due as (
    select
        items.directive,
        items.item,
        returns.is_answered,
        {{ source_row_of('returns') }},
        returns.is_simulated
    from items
    inner join {{ ref('int_survey_returns') }} as returns
        on
            returns.quarter between items.first_quarter and items.last_quarter
            and items.area_code = returns.area_code
    where not returns.is_out_of_scope
),

roles as (
    select
        'denominator' as evidence_role,
        false as is_answer
    union all
    select
        'numerator' as evidence_role,
        true as is_answer
)

select distinct
    returns_due.directive,
    returns_due.item,
    'construction_survey' as feed,
    {{ source_row_of('returns_due') }},
    roles.evidence_role,
    returns_due.is_simulated
from returns_due
inner join roles on returns_due.is_answered or not roles.is_answer

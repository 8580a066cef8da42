-- The returns that a rule of correctness finds wrong: counted twice, paid by the budget, out of range for each square
-- metre, or above what tax declarations allow.
select
    quarter,
    return_id
from {{ ref('correct__no_works_counted_twice') }}
where not is_counted_once
union
select
    quarter,
    return_id
from {{ ref('correct__nothing_funded_by_the_budget') }}
where budget_evidence is not null
union
select
    quarter,
    return_id
from {{ ref('correct__value_per_m2_in_range') }}
where not is_in_range
union
select
    quarter,
    return_id
from {{ ref('correct__survey_against_tax') }}
where survey_to_tax_ratio > tolerance_ratio

-- A row is one item of the scorecard that has an actual value. It fails when no source row stands under it, or when the
-- delivery that the scorecard names is not among those.
with supporting as (
    select
        directive,
        item,
        delivery_id,
        count(*) as evidence_rows
    from {{ ref('evidence') }}
    group by directive, item, delivery_id
)

select
    scorecard.directive,
    scorecard.item,
    scorecard.actual,
    scorecard.evidence_delivery_id,
    cast(coalesce(sum(supporting.evidence_rows), 0) as integer) as evidence_rows,
    cast(
        coalesce(
            sum(
                case when scorecard.evidence_delivery_id = supporting.delivery_id then supporting.evidence_rows end
            ), 0
        ) as integer
    ) as evidence_rows_of_delivery
from {{ ref('directive_scorecard') }} as scorecard
left join supporting
    on
        scorecard.directive = supporting.directive
        and scorecard.item = supporting.item
where scorecard.actual is not null
group by scorecard.directive, scorecard.item, scorecard.actual, scorecard.evidence_delivery_id

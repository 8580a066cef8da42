-- A row is one source of capital in one delivery: the amount of its middle line that gives money beside that of an
-- earlier delivery. It fails when the two lie further apart than the seed allows: the amounts are not in dong. The
-- plan of a year that was delivered before is judged by investment_plan_balance too; a new year has only this rule.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'amount_vnd' as figure_name,
        source as line_kind,
        cast(amount_vnd as decimal(38, 4)) as figure
    from {{ source('candidates', 'investment_plan') }}
    where amount_vnd > 0
),

{{ median_against_first_delivery() }}

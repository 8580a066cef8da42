-- A row is one type of transaction in one delivery: the median amount of its voucher lines compared with that of an
-- earlier delivery. It fails when the two lie further apart than the seed allows: the amounts are not in dong. The
-- usual amounts of types differ, so each is compared with its own; refunds and adjustments may be of any size and are
-- left out.
with lines as (
    select
        delivery_id,
        source_file,
        released_on,
        revision,
        is_simulated,
        'amount_vnd' as figure_name,
        transaction_type as line_kind,
        cast(amount_vnd as decimal(38, 4)) as figure
    from {{ source('candidates', 'treasury_disbursement') }}
    where amount_vnd > 0 and transaction_type in ('advance', 'payment', 'advance_recovery')
),

{{ median_against_first_delivery() }}

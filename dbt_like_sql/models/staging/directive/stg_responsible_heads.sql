-- The register of heads on the day: the newest delivery replaces what was there before. A blank name is one that nobody
-- has given yet.
with deliveries as (
    select
        delivery_id,
        row_number() over (
            order by {{ newest_first() }}
        ) as row_number
    from {{ source('validated', 'responsible_heads') }}
    where released_on <= {{ var('as_of') }}
    group by delivery_id, released_on, revision, is_simulated
)

select
    heads.delivery_id,
    heads.released_on,
    heads.revision,
    heads.is_simulated,
    heads.source_file,
    heads.source_sheet,
    heads.source_row,
    heads.unit_code,
    heads.unit_kind,
    heads.post,
    heads.name,
    heads.valid_from,
    heads.valid_to,
    heads.source_note
from {{ source('validated', 'responsible_heads') }} as heads
inner join deliveries on heads.delivery_id = deliveries.delivery_id and deliveries.row_number = 1
where heads.released_on <= {{ var('as_of') }}

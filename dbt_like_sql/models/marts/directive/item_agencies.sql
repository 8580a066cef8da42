-- Who has which role in each item: one row for each agency and role. A group is replaced by its members, except those
-- that the directive names for the item itself; a group without members stays as it is. An agency that had ended by the
-- day names its successor.
with assigned as (
    select
        assigned.directive,
        assigned.item,
        items.item_order,
        items.issued_on,
        assigned.agency_code,
        assigned.agency_role,
        assigned.source_note
    from {{ ref('directive_item_agencies') }} as assigned
    inner join {{ ref('dim_directive_item') }} as items
        on
            assigned.directive = items.directive
            and assigned.item = items.item
),

members as (
    select
        assigned.directive,
        assigned.item,
        assigned.item_order,
        parts.agency_code,
        assigned.agency_role,
        assigned.agency_code as group_code,
        parts.is_assumption,
        assigned.source_note
    from assigned
    inner join {{ ref('agency_groups') }} as parts on assigned.agency_code = parts.group_code
    left join assigned as named
        on
            assigned.directive = named.directive
            and assigned.item = named.item
            and parts.agency_code = named.agency_code
    where named.agency_code is null
),

named_groups as (
    select group_code
    from {{ ref('agency_groups') }}
    group by group_code
),

expanded as (
    select
        assigned.directive,
        assigned.item,
        assigned.item_order,
        assigned.agency_code,
        assigned.agency_role,
        cast(null as varchar) as group_code,
        false as is_assumption,
        assigned.source_note
    from assigned
    left join named_groups on assigned.agency_code = named_groups.group_code
    where named_groups.group_code is null
    union all
    select
        directive,
        item,
        item_order,
        agency_code,
        agency_role,
        group_code,
        is_assumption,
        source_note
    from members
),

ranked as (
    select
        *,
        row_number() over (
            partition by directive, item, agency_code, agency_role order by is_assumption asc, group_code asc
        ) as row_number
    from expanded
)

select
    ranked.directive,
    ranked.item,
    ranked.agency_code,
    ranked.agency_role,
    ranked.group_code,
    ranked.is_assumption,
    agencies.agency_kind,
    agencies.name_vi,
    agencies.name_en,
    coalesce(agencies.valid_to >= {{ var('as_of') }}, true) as is_in_force,
    agencies.valid_to,
    agencies.successor_code,
    heads.post,
    heads.name,
    ranked.source_note,
    coalesce(heads.is_simulated, false) as is_simulated
from ranked
inner join {{ ref('agencies') }} as agencies on ranked.agency_code = agencies.agency_code
left join {{ ref('int_heads_in_office') }} as heads on ranked.agency_code = heads.unit_code
where ranked.row_number = 1
order by ranked.directive, ranked.item_order, ranked.agency_role, ranked.agency_code

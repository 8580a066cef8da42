-- An item with several leading agencies has them all in `lead_agency_codes`; `lead_agency_code` is then empty, because
-- the directive does not say which one leads. A directive is absent before its own day of issue.
with leads as (
    select
        directive,
        item,
        case when count(*) = 1 then max(agency_code) end as lead_agency_code,
        string_agg(agency_code, ', ' order by agency_code) as lead_agency_codes
    from {{ ref('directive_item_agencies') }}
    where agency_role = 'lead'
    group by directive, item
),

sums as (
    select
        denominator,
        max(case when is_assumption then 1 else 0 end) = 1 as is_assumption
    from {{ ref('denominators') }}
    group by denominator
),

others as (
    select
        directive,
        item,
        string_agg(agency_code, ', ' order by agency_code) as co_ordinate_agency_codes
    from {{ ref('directive_item_agencies') }}
    where agency_role = 'co_ordinate'
    group by directive, item
)

select
    items.directive,
    items.item,
    items.item_order,
    items.clause,
    items.item_kind,
    items.title_vi,
    items.title_en,
    items.indicator,
    items.area_code,
    items.sector_code,
    items.board_code,
    items.key_item,
    items.period,
    items.comparator,
    items.threshold,
    items.unit,
    items.denominator,
    coalesce(sums.is_assumption, false) as is_denominator_assumed,
    items.basis,
    items.deadline_on,
    directives.issued_on,
    leads.lead_agency_code,
    leads.lead_agency_codes,
    others.co_ordinate_agency_codes,
    items.source_note,
    directives.title_vi as directive_title_vi,
    directives.title_en as directive_title_en
from {{ ref('directive_items') }} as items
inner join {{ ref('directives') }} as directives
    on
        items.directive = directives.directive
        and directives.issued_on <= {{ var('as_of') }}
left join sums on items.denominator = sums.denominator
left join leads
    on
        items.directive = leads.directive
        and items.item = leads.item
left join others
    on
        items.directive = others.directive
        and items.item = others.item

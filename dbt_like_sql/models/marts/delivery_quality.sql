-- A delivery is superseded when it had rows and later deliveries have replaced them all. Feeds that are not listed here
-- are never called superseded.
with surviving as (
    select
        'published_figures' as feed,
        delivery_id
    from {{ ref('stg_published_figures') }}
    union
    select
        'grdp' as feed,
        delivery_id
    from {{ ref('stg_grdp') }}
    union
    select
        'industrial_production_index' as feed,
        delivery_id
    from {{ ref('stg_industrial_production_index') }}
    union
    select
        'construction_output' as feed,
        delivery_id
    from {{ ref('stg_construction_output') }}
    union
    select
        'construction_survey' as feed,
        delivery_id
    from {{ ref('stg_construction_survey') }}
    union
    select
        'construction_frame' as feed,
        delivery_id
    from {{ ref('stg_construction_frame') }}
    union
    select
        'building_permits' as feed,
        delivery_id
    from {{ ref('stg_building_permits') }}
    union
    select
        'design_appraisals' as feed,
        delivery_id
    from {{ ref('stg_design_appraisals') }}
    union
    select
        'construction_tax' as feed,
        delivery_id
    from {{ ref('stg_construction_tax') }}
    union
    select
        'industry_output' as feed,
        delivery_id
    from {{ ref('stg_industry_output') }}
    union
    select
        'investment_projects' as feed,
        delivery_id
    from {{ ref('stg_investment_projects') }}
    union
    select
        'investment_plan' as feed,
        delivery_id
    from {{ ref('stg_investment_plan') }}
    union
    select
        'treasury_disbursement' as feed,
        delivery_id
    from {{ ref('stg_treasury_disbursement') }}
    union
    select
        'delivery_withdrawals' as feed,
        delivery_id
    from {{ ref('stg_delivery_withdrawals') }}
    union
    select
        'finding_waivers' as feed,
        delivery_id
    from {{ ref('stg_finding_waivers') }}
),

followed as (
    select distinct feed
    from surviving
)

select
    deliveries.delivery_id,
    deliveries.feed,
    deliveries.source_file,
    deliveries.supplier,
    deliveries.period,
    deliveries.released_on,
    case
        when
            deliveries.status in ('accepted', 'accepted_in_part')
            and deliveries.rows_accepted > 0
            and followed.feed is not null
            and surviving.delivery_id is null
            then 'superseded'
        else deliveries.status
    end as status,
    deliveries.reason,
    deliveries.rows_in,
    deliveries.rows_accepted,
    deliveries.rows_rejected,
    deliveries.findings_critical,
    deliveries.findings_warning,
    deliveries.is_simulated,
    cast(deliveries.rows_in - deliveries.rows_accepted - deliveries.rows_rejected as bigint) as rows_unaccounted,
    deliveries.findings_waived,
    deliveries.revision,
    deliveries.note
from {{ ref('stg_deliveries') }} as deliveries
left join followed on deliveries.feed = followed.feed
left join surviving
    on
        deliveries.feed = surviving.feed
        and deliveries.delivery_id = surviving.delivery_id
order by deliveries.feed, deliveries.released_on, deliveries.delivery_id

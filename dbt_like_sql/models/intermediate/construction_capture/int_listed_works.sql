-- Sites on the lists of the offices, in one form: permits that were granted, and appraisals of sites that need none.
-- Numbers and tax codes are normalised here: groups of digits without leading zeros, and the ten digits of the
-- enterprise without its branch. What a register does not hold is imputed and marked.
with permits as (
    select
        'permit' as list_kind,
        application_no as list_no,
        permit_no,
        owner_type,
        owner_tax_code,
        contractor_tax_code,
        funding_source,
        district_code,
        commune_code,
        coalesce(issued_on, answered_on) as listed_on,
        start_on,
        completed_on,
        floor_area_m2,
        plot_no,
        declared_value_mn as works_value_mn,
        delivery_id,
        source_file,
        source_sheet,
        source_row,
        released_on,
        is_simulated
    from {{ ref('stg_building_permits') }}
    where coalesce(issued_on, answered_on) is not null and coalesce(outcome, 'granted') = 'granted'
),

appraisals as (
    select
        'appraisal' as list_kind,
        appraisals.appraisal_no as list_no,
        cast(null as varchar) as permit_no,
        cast(null as varchar) as owner_type,
        appraisals.investor_tax_code as owner_tax_code,
        cast(null as varchar) as contractor_tax_code,
        appraisals.funding_source,
        communes.district_code,
        appraisals.commune_code,
        appraisals.decided_on as listed_on,
        appraisals.start_on,
        appraisals.completed_on,
        cast(null as decimal(18, 2)) as floor_area_m2,
        cast(null as varchar) as plot_no,
        appraisals.total_cost_mn as works_value_mn,
        {{ source_row_of('appraisals') }},
        appraisals.released_on,
        appraisals.is_simulated
    from {{ ref('stg_design_appraisals') }} as appraisals
    left join {{ ref('int_districts') }} as communes
        on
            appraisals.commune_code = communes.admin_unit_code
            and communes.admin_level = 'commune'
    where appraisals.decided_on is not null
),

listed as (
    select * from permits
    union all
    select * from appraisals
),

dashed as (
    select
        *,
        '-' || {{ digit_groups('permit_no') }} as permit_digits,
        '-' || {{ digit_groups('plot_no') }} as plot_digits,
        {{ tax_digits('owner_tax_code') }} as owner_digits,
        {{ tax_digits('contractor_tax_code') }} as contractor_digits
    from listed
),

keyed as (
    select
        *,
        nullif(
            trim(replace(replace(replace(permit_digits, '-0', '-'), '-0', '-'), '-0', '-'), '-'), ''
        ) as permit_key,
        nullif(
            trim(replace(replace(replace(plot_digits, '-0', '-'), '-0', '-'), '-0', '-'), '-'), ''
        ) as plot_key,
        {{ tax_key('owner_digits') }} as owner_tax_key,
        {{ tax_key('contractor_digits') }} as contractor_tax_key
    from dashed
),

urban as (
    select
        commune_code,
        max(case when is_urban then 1 else 0 end) = 1 as is_urban
    from {{ ref('int_places') }}
    group by commune_code
),

-- An appraisal is requested by an investor; where an applicant for a permit does not say what he is, the source of
-- funding decides. An unknown floor area is taken as a large one, because all large units are surveyed and nothing is
-- lost from sight.
ruled as (
    select
        keyed.list_kind,
        keyed.list_no,
        rules.stratum,
        row_number() over (
            partition by keyed.list_kind, keyed.list_no order by rules.least_floor_area_m2 desc
        ) as row_number
    from keyed
    left join urban on keyed.commune_code = urban.commune_code
    inner join {{ ref('stratum_rules') }} as rules
        on
            rules.owner_type = coalesce(
                keyed.owner_type, case when keyed.funding_source = 'household' then 'household' else 'other' end
            )
            and rules.is_urban = coalesce(urban.is_urban, true)
            and rules.least_floor_area_m2 <= coalesce(keyed.floor_area_m2, 1000000)
    where keyed.list_kind = 'permit'
),

placed as (
    select
        keyed.*,
        coalesce(funding.is_state_budget, keyed.owner_type = 'state_agency', false) as is_budget_funded,
        case
            when keyed.list_kind = 'appraisal' then 'investors' else coalesce(ruled.stratum, 'enterprises_large')
        end as assumed_stratum,
        row_number() over (
            partition by
                keyed.list_kind,
                keyed.district_code,
                coalesce(keyed.permit_key, keyed.list_no),
                keyed.commune_code,
                coalesce(keyed.owner_tax_key, ''),
                coalesce(keyed.floor_area_m2, 0)
            order by keyed.listed_on asc, keyed.list_no asc
        ) > 1 as is_repeated
    from keyed
    left join {{ ref('funding_sources') }} as funding on keyed.funding_source = funding.funding_source
    left join ruled
        on
            keyed.list_kind = ruled.list_kind
            and keyed.list_no = ruled.list_no
            and ruled.row_number = 1
),

timed as (
    select
        placed.*,
        coalesce(placed.start_on, placed.listed_on) as started_on,
        imputations.assumed_duration_days,
        imputations.assumed_cost_per_m2_mn
    from placed
    left join {{ ref('capture_imputations') }} as imputations on placed.assumed_stratum = imputations.stratum
)

select
    timed.list_kind || ':' || timed.list_no as works_id,
    timed.list_kind,
    timed.list_no,
    timed.permit_no,
    timed.permit_key,
    timed.owner_type,
    timed.owner_tax_code,
    timed.contractor_tax_code,
    timed.owner_tax_key,
    timed.contractor_tax_key,
    timed.funding_source,
    timed.is_budget_funded,
    districts.area_code,
    timed.district_code,
    timed.commune_code,
    timed.listed_on,
    timed.started_on,
    cast(
        greatest(
            coalesce(timed.completed_on, timed.started_on + coalesce(timed.assumed_duration_days, 365) - 1),
            timed.started_on
        ) as date
    ) as ended_on,
    timed.start_on is null or timed.completed_on is null as is_time_imputed,
    timed.floor_area_m2,
    timed.plot_key,
    cast(
        coalesce(timed.works_value_mn, timed.floor_area_m2 * timed.assumed_cost_per_m2_mn) as decimal(20, 3)
    ) as works_value_mn,
    timed.works_value_mn is null and timed.floor_area_m2 is not null as is_value_imputed,
    timed.assumed_stratum,
    timed.is_repeated,
    {{ source_row_of('timed') }},
    timed.released_on,
    timed.is_simulated
from timed
left join {{ ref('int_districts') }} as districts
    on
        timed.district_code = districts.admin_unit_code
        and districts.admin_level = 'district'

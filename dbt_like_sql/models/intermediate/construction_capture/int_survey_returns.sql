-- Rows of the survey in one form. A row is a repeat when it says the same as another of its quarter about the same
-- site: by permit and value; by contractor, owner, commune, floor area and value; or by owner, commune, floor area and
-- value, whoever built.
with dashed as (
    select
        *,
        '-' || {{ digit_groups('permit_no') }} as permit_digits,
        '-' || {{ digit_groups('plot_no') }} as plot_digits,
        {{ tax_digits('owner_tax_code') }} as owner_digits,
        {{ tax_digits('contractor_tax_code') }} as contractor_digits
    from {{ ref('stg_construction_survey') }}
),

keyed as (
    select
        dashed.*,
        nullif(
            trim(replace(replace(replace(dashed.permit_digits, '-0', '-'), '-0', '-'), '-0', '-'), '-'), ''
        ) as permit_key,
        nullif(
            trim(replace(replace(replace(dashed.plot_digits, '-0', '-'), '-0', '-'), '-0', '-'), '-'), ''
        ) as plot_key,
        {{ tax_key('dashed.owner_digits') }} as owner_tax_key,
        {{ tax_key('dashed.contractor_digits') }} as contractor_tax_key,
        dashed.response_status in ('responded', 'partial') as is_answered,
        coalesce(dashed.response_status = 'out_of_scope', false) as is_out_of_scope,
        coalesce(places.place_code, dashed.commune_code) as place_code,
        districts.area_code,
        coalesce(funding.is_state_budget, false) as is_reported_budget_funded
    from dashed
    inner join {{ ref('int_capture_quarters') }} as quarters on dashed.quarter = quarters.quarter
    left join {{ ref('int_places') }} as places
        on
            dashed.commune_code = places.commune_code
            and dashed.quarter = places.quarter
            and quarters.last_day_on between places.written_from_on and places.written_to_on
    left join {{ ref('int_districts') }} as districts
        on
            dashed.district_code = districts.admin_unit_code
            and districts.admin_level = 'district'
    left join {{ ref('funding_sources') }} as funding on dashed.funding_source = funding.funding_source
),

-- A unit with nothing to build answers with an empty row.
with_nil as (
    select
        *,
        is_answered and coalesce(value_mn, 0) = 0 and commune_code is null and permit_key is null as is_nil
    from keyed
),

compared as (
    select
        *,
        case
            when permit_key is not null and value_mn > 0
                then row_number() over (
                    partition by quarter, district_code, permit_key, value_mn order by return_id
                )
            else 1
        end as permit_rank,
        case
            when contractor_tax_key is not null and value_mn > 0
                then row_number() over (
                    partition by
                        quarter,
                        place_code,
                        contractor_tax_key,
                        coalesce(owner_tax_key, ''),
                        coalesce(permit_key, ''),
                        coalesce(floor_area_m2, 0),
                        value_mn
                    order by return_id
                )
            else 1
        end as contractor_rank,
        case
            when coalesce(owner_tax_key, frame_unit_id) is not null and floor_area_m2 is not null and value_mn > 0
                then row_number() over (
                    partition by
                        quarter,
                        place_code,
                        coalesce(owner_tax_key, frame_unit_id),
                        coalesce(permit_key, ''),
                        floor_area_m2,
                        value_mn
                    order by return_id
                )
            else 1
        end as owner_rank
    from with_nil
)

select
    return_id,
    quarter,
    frame_unit_id,
    area_code,
    district_code,
    commune_code,
    place_code,
    stratum,
    selection,
    cast(
        case
            when selection = 'take_all' then 1
            else coalesce(weight, 1 / nullif(cast(selection_probability as double), 0), 1)
        end as decimal(18, 6)
    ) as survey_weight,
    permit_no,
    permit_key,
    contractor_tax_code,
    contractor_tax_key,
    owner_tax_key,
    funding_source,
    contractor_ownership,
    value_mn,
    floor_area_m2,
    plot_key,
    response_status,
    is_answered,
    is_out_of_scope,
    is_nil,
    is_answered and (permit_rank > 1 or contractor_rank > 1 or owner_rank > 1) as is_repeated,
    is_reported_budget_funded,
    delivery_id,
    source_file,
    source_sheet,
    source_row,
    released_on,
    is_simulated
from compared

-- Wind farms in commercial operation at the last month known of an item's period, their capacity, what they generated
-- in the months known, and the stage of the others' dossiers.
with states as (
    select
        directive,
        item,
        max(month) as last_known_month,
        max(item_last_month) as item_last_month,
        count(distinct plant_code) as plants,
        sum(case when is_last_month_of_plant and is_in_operation then 1 else 0 end) as plants_in_operation,
        sum(
            case
                when
                    is_last_month_of_plant and is_in_operation
                    and {{ month_of('commercial_operation_on') }} >= item_first_month
                    then 1
                else 0
            end
        ) as plants_started,
        sum(case when is_last_month_of_plant and is_in_operation then capacity_mw else 0 end) as operating_mw,
        sum(case when is_last_month_of_plant then capacity_mw end) as all_mw,
        sum(generation_mwh) as generation_mwh,
        count(case when is_in_operation and generation_mwh is null then 1 end) as months_not_given,
        {{ any_simulated('is_simulated') }} as is_simulated
    from {{ ref('int_wind_item_rows') }}
    group by directive, item
),

-- the same farms' state at the same month a year before
before as (
    select
        states.directive,
        states.item,
        count(
            case when farms.commercial_operation_on <= last_day({{ first_day_of('farms.month') }}) then 1 end
        ) as plants_in_operation,
        {{ any_simulated('farms.is_simulated') }} as is_simulated
    from states
    inner join {{ ref('stg_wind_power') }} as farms
        on farms.month = {{ year_before('states.last_known_month') }}
    group by states.directive, states.item
),

waiting as (
    select
        farms.directive,
        farms.item,
        stages.stage_order,
        to_json({
            'plants': count(*),
            'stage_en': stages.label_en,
            'stage_vi': stages.label_vi
        }) as stage_values
    from {{ ref('int_wind_item_rows') }} as farms
    inner join {{ ref('wind_dossier_stages') }} as stages on farms.dossier_stage = stages.dossier_stage
    where farms.is_last_month_of_plant and not farms.is_in_operation
    group by farms.directive, farms.item, stages.stage_order, stages.label_en, stages.label_vi
),

listed as (
    select
        directive,
        item,
        string_agg(message_en('wind_stage', stage_values), ', ' order by stage_order desc) as stages_en,
        string_agg(message_vi('wind_stage', stage_values), ', ' order by stage_order desc) as stages_vi
    from waiting
    group by directive, item
),

newest as (
    select
        directive,
        item,
        delivery_id,
        released_on,
        row_number() over (
            partition by directive, item order by released_on desc, revision desc, delivery_id desc
        ) as row_number
    from {{ ref('int_wind_item_rows') }}
),

with_messages as (
    select
        states.*,
        concat_ws(
            ' ',
            'wind_farms',
            case when states.generation_mwh is not null then 'wind_generation' end,
            case when states.months_not_given > 0 then 'wind_months_not_given' end,
            case when listed.item is not null then 'wind_rest' end
        ) as detail_codes,
        to_json({
            'plants': states.plants,
            'plants_started': cast(states.plants_started as bigint),
            'operating_mw': cast(states.operating_mw as decimal(18, 3)),
            'all_mw': cast(states.all_mw as decimal(18, 3)),
            'generation_gwh': cast(round(states.generation_mwh / 1000, 1) as decimal(18, 1)),
            'months_not_given': states.months_not_given,
            'stages_en': listed.stages_en,
            'stages_vi': listed.stages_vi
        }) as detail_values
    from states
    left join listed
        on
            states.directive = listed.directive
            and states.item = listed.item
)

select
    with_messages.directive,
    with_messages.item,
    'computed_from_counts' as evidence_basis,
    with_messages.last_known_month as evidence_period,
    with_messages.last_known_month = with_messages.item_last_month as covers_target_period,
    cast(with_messages.plants_in_operation as decimal(12, 4)) as actual,
    cast(before.plants_in_operation as decimal(12, 4)) as value_year_before,
    cast(null as decimal(12, 4)) as progress_ratio,
    cast(null as decimal(38, 6)) as sign_exact_difference,
    message_en(with_messages.detail_codes, with_messages.detail_values) as detail_en,
    message_vi(with_messages.detail_codes, with_messages.detail_values) as detail_vi,
    newest.released_on,
    deliveries.supplier as publisher,
    newest.delivery_id,
    with_messages.is_simulated or coalesce(before.is_simulated, false) as is_simulated
from with_messages
left join before
    on
        with_messages.directive = before.directive
        and with_messages.item = before.item
inner join newest
    on
        with_messages.directive = newest.directive
        and with_messages.item = newest.item
        and newest.row_number = 1
left join {{ ref('stg_deliveries') }} as deliveries on newest.delivery_id = deliveries.delivery_id

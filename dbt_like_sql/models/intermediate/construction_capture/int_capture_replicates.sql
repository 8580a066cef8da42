-- Draws over primary units: in each of 399 replicates every unit gets an exponential weight (a Bayesian bootstrap).
-- Half a linked unit and half an unlinked one are added, so that a group whose units are all linked does not look
-- certain. The draws come from integer arithmetic on the unit's rank and the replicate's number alone: the same units
-- give the same draws in any engine. Sums are taken on exact decimals: a sum of doubles depends on the order in which
-- an engine's threads read the rows.
with replicates as (
    select cast(numbers.replicate as bigint) as replicate
    from unnest(generate_series(1, 399)) as numbers (replicate)
),

units as (
    select
        group_id,
        frame_unit_id,
        sum(weighted_works) as weighted_works,
        sum(weighted_linked) as weighted_linked
    from {{ ref('int_capture_group_units') }}
    group by group_id, frame_unit_id
),

placed as (
    select
        group_id,
        cast(weighted_works as double) as weighted_works,
        cast(weighted_linked as double) as weighted_linked,
        row_number() over (partition by group_id order by frame_unit_id) + 2 as unit_number
    from units
),

mean_units as (
    select
        group_id,
        count(*) as units,
        cast(sum(weighted_works) as double) / count(*) as mean_works
    from units
    group by group_id
),

-- Ranks 1 and 2 are the two halves. In the total, the linked half has the sites of one and a half units: a few units
-- cannot show whether the others include one larger than those drawn.
with_halves as (
    select
        group_id,
        unit_number,
        weighted_works,
        weighted_linked,
        weighted_linked as linked_in_total
    from placed
    union all
    select
        group_id,
        1 as unit_number,
        mean_works as weighted_works,
        mean_works as weighted_linked,
        1.5 * mean_works as linked_in_total
    from mean_units
    union all
    select
        group_id,
        2 as unit_number,
        mean_works as weighted_works,
        0 as weighted_linked,
        0 as linked_in_total
    from mean_units
),

numbered as (
    select
        with_halves.group_id,
        with_halves.unit_number,
        with_halves.weighted_works,
        with_halves.weighted_linked,
        with_halves.linked_in_total,
        replicates.replicate,
        with_halves.unit_number * 1024 + replicates.replicate as counter
    from with_halves
    cross join replicates
),

-- A congruential step, a square, and the same again, modulo the prime 2^31 - 1; no product exceeds 63 bits.
first_step as (
    select
        *,
        (counter * 48271 + 12345) % 2147483647 as state_a
    from numbered
),

second_step as (
    select
        *,
        (state_a * state_a + counter) % 2147483647 as state_b
    from first_step
),

third_step as (
    select
        *,
        (state_b * 69621 + 1) % 2147483647 as state_c
    from second_step
),

fourth_step as (
    select
        *,
        (state_c * state_c + state_a) % 2147483647 as state_d,
        (state_c * 39373 + 7) % 2147483647 as state_e
    from third_step
),

drawn as (
    select
        group_id,
        replicate,
        weighted_works,
        weighted_linked,
        linked_in_total,
        -ln((cast(state_d as double) + 0.5) / 2147483647)
        * case
            when unit_number <= 2
                then
                    cos(3.141592653589793 * (cast(state_e as double) + 0.5) / 2147483647)
                    * cos(3.141592653589793 * (cast(state_e as double) + 0.5) / 2147483647)
            else 1
        end as draw
    from fourth_step
),

summed as (
    select
        group_id,
        replicate,
        cast(sum(cast(draw as decimal(38, 12))) as double) as draws,
        cast(sum(cast(draw * weighted_works as decimal(38, 12))) as double) as drawn_works,
        cast(sum(cast(draw * weighted_linked as decimal(38, 12))) as double) as drawn_linked,
        cast(sum(cast(draw * linked_in_total as decimal(38, 12))) as double) as drawn_in_total
    from drawn
    group by group_id, replicate
)

select
    summed.group_id,
    cast(summed.replicate as integer) as replicate,
    summed.drawn_linked / summed.drawn_works as linked_share,
    mean_units.units * summed.drawn_in_total / summed.draws as linked_works
from summed
inner join mean_units on summed.group_id = mean_units.group_id

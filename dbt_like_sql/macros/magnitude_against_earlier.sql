{% macro magnitude_against_earlier() %}
-- What follows is shared (macros/magnitude_against_earlier.sql): each of `figures` is compared with what an earlier
-- delivery gave for the same series: for the same period, else for the same period a year before, else (where
-- `first_delivery_tolerance` is given) with the newest period of the first delivery, scaled to the same number of
-- months. A figure further from that than this factor is not used as a reference for others, so that a wrong delivery
-- does not make its own correction look wrong. The first delivery's own figures always are: a series of forty years
-- spans magnitudes. Where the first delivery was the wrong one, withdrawing it repairs the comparison. Where
-- `first_delivery_tolerance` is null, seasons move figures too far for the first delivery to be a reference; then a
-- figure below 1 is not a reference either, and is itself taken as 1.
-- Periods are cut here and not by year_before and month_span, because a macro cannot call another one.
dated as (
    select
        *,
        cast(cast(substr(period, 1, 4) as integer) - 1 as varchar) || substr(period, 5) as period_year_before,
        case
            when length(period) = 4 then 12
            when substr(period, 6, 1) = 'Q' then 3
            when substr(period, length(period), 1) = 'M' then cast(replace(substr(period, 6), 'M', '') as integer)
            else 1
        end as months_in_period
    from figures
),

in_order as (
    select
        *,
        row_number() over (
            partition by series_key order by released_on asc, revision asc, delivery_id asc, period desc
        ) as row_number
    from dated
),

measured as (
    select
        dated.*,
        firsts.delivery_id as first_delivery_id,
        firsts.period as first_period,
        cast(firsts.figure as double) / firsts.months_in_period * dated.months_in_period as expected_figure
    from dated
    inner join in_order as firsts on dated.series_key = firsts.series_key and firsts.row_number = 1
),

trusted as (
    select
        *,
        row_number() over (
            partition by series_key, period order by released_on asc, revision asc, delivery_id asc
        ) as row_number
    from measured
    where
        (first_delivery_tolerance is null and figure >= 1)
        or (first_delivery_tolerance is not null and delivery_id = first_delivery_id)
        or figure between expected_figure / first_delivery_tolerance and expected_figure * first_delivery_tolerance
),

referred as (
    select
        measured.*,
        cast(same_period.figure as double) as restated_from,
        coalesce(
            cast(same_period.figure as double),
            cast(year_before.figure as double),
            case when measured.first_delivery_tolerance is not null then measured.expected_figure end
        ) as reference_figure,
        coalesce(same_period.delivery_id, year_before.delivery_id, measured.first_delivery_id)
            as reference_delivery_id,
        coalesce(same_period.period, year_before.period, measured.first_period) as reference_period
    from measured
    left join trusted as same_period
        on
            measured.series_key = same_period.series_key
            and measured.period = same_period.period
            and measured.delivery_id <> same_period.delivery_id
            and measured.released_on >= same_period.released_on
            and same_period.row_number = 1
    left join trusted as year_before
        on
            measured.series_key = year_before.series_key
            and measured.period_year_before = year_before.period
            and measured.delivery_id <> year_before.delivery_id
            and measured.released_on >= year_before.released_on
            and year_before.row_number = 1
),

beside as (
    select
        *,
        cast(
            round(
                cast(case when first_delivery_tolerance is null then greatest(figure, 1) else figure end as double)
                / reference_figure,
                6
            )
            as decimal(38, 6)
        ) as magnitude_ratio,
        cast(round(100 * (cast(figure as double) / restated_from - 1), 4) as decimal(38, 4)) as restatement_pct
    from referred
    where delivery_id <> reference_delivery_id and reference_figure is not null
)
{% endmacro %}

"""Exponential smoothing (statsmodels) of each main sector, from each origin with nothing later than the origin in it.

`ets_growth` is ETS(A,N,N) on the logarithm of growth on the same quarter a year before; `ets_seasonal` is
ETS(A,Ad,A) on the logarithm of the level of each quarter, its trend damped by 0.98. First states are means of the first
years, and the smoothing constants are those of a fixed grid under which the data are most likely: an optimiser stops
elsewhere on another machine, a grid does not. What is left of such differences is far below the two decimals given.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]

SCHEMA = pa.schema(
    {
        "area_code": pa.string(),
        "sector_code": pa.string(),
        "target_year": pa.int32(),
        "quarters_known": pa.int32(),
        "method": pa.string(),
        "projected_growth_pct": pa.float64(),
    }
)
DAMPING = 0.98
LEVEL_GRID = [step / 10 for step in range(1, 10)]
SEASONAL_GRID = [
    (level, trend, season)
    for level in (0.1, 0.3, 0.5, 0.7, 0.9)
    for trend in (0.01, 0.1, 0.3)
    for season in (0.0001, 0.1, 0.3, 0.5)
    if trend <= level and season <= 1 - level
]
LEAST_GROWTHS, LEAST_LEVELS = 4, 12
"""Quarters without which a model says nothing: one year of growth, three years of levels."""


def model(dbt: Any, session: Any) -> pa.Table:
    """Return one row for each origin and method that has enough history."""
    dbt.config(materialized="table")
    origins = pa.table(dbt.ref("int_projection_origins")).to_pylist()
    parts: dict[tuple[str, str], dict[int, Row]] = {}
    for part in pa.table(dbt.ref("int_year_parts")).to_pylist():
        number = part["calendar_year"] * 4 + part["quarters_known"]
        parts.setdefault((part["area_code"], part["sector_code"]), {})[number] = part
    rows = []
    for origin in origins:
        before = _quarters_before(parts[origin["area_code"], origin["sector_code"]], origin)
        if before is not None:
            key = {name: origin[name] for name in ("area_code", "sector_code", "target_year", "quarters_known")}
            for method, ratios in _forecasts(before, origin["quarters_known"]).items():
                rows.append({**key, "method": method, "projected_growth_pct": _year(origin, before, ratios)})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _quarters_before(quarters: Mapping[int, Row], origin: Row) -> list[Row] | None:
    """The unbroken run of quarters that ends at the origin: one base, and nothing simulated under what is not."""
    found = []
    number = origin["target_year"] * 4 + origin["quarters_known"]
    while (part := quarters.get(number)) is not None and (part["quarter_constant_bn"] or 0) > 0:
        if part["base_from_year"] != origin["base_from_year"] or (part["is_simulated"] and not origin["is_simulated"]):
            break
        found.append(part)
        number -= 1
    whole = len(found) >= 4 + origin["quarters_known"] and origin["share_of_year_before"] is not None
    known = origin["quarters_known"] == 0 or origin["growth_so_far_pct"] is not None
    return found[::-1] if whole and known else None


def _forecasts(before: Sequence[Row], known: int) -> dict[str, list[float]]:
    """By method, the ratio of each quarter to come to the same quarter a year before."""
    found = {}
    growths: list[float] = []
    for part in reversed(before):
        if not (part["quarter_year_before_constant_bn"] or 0) > 0:
            break
        growths.insert(0, math.log(part["quarter_constant_bn"]) - math.log(part["quarter_year_before_constant_bn"]))
    if len(growths) >= LEAST_GROWTHS:
        found["ets_growth"] = [math.exp(growth) for growth in _level_only(tuple(growths), 4 - known)]
    if len(before) >= LEAST_LEVELS:
        levels = tuple(math.log(part["quarter_constant_bn"]) for part in before)
        forecast = _seasonal(levels, 4 - known)
        found["ets_seasonal"] = [
            math.exp(level - levels[number - 4]) for number, level in enumerate(forecast, len(levels))
        ]
    return found


@cache  # the same series comes again for each month end of the history
def _level_only(series: tuple[float, ...], steps: int) -> list[float]:
    # Imported here because it costs a second: only when there is something to project.
    import numpy as np
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    first = math.fsum(series[:4]) / 4
    ets = ETSModel(np.array(series), error="add", initialization_method="known", initial_level=first)
    states = _states(ets, [[level] for level in LEVEL_GRID])
    return [float(states[-1][0])] * steps


@cache
def _seasonal(series: tuple[float, ...], steps: int) -> list[float]:
    import numpy as np
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    years = [math.fsum(series[start : start + 4]) / 4 for start in (0, 4)]
    slope = (years[1] - years[0]) / 4
    apart = [value - (sum(years) / 2 + slope * (number - 3.5)) for number, value in enumerate(series[:8])]
    seasons = [(apart[quarter] + apart[quarter + 4]) / 2 for quarter in range(4)]
    seasons = [season - math.fsum(seasons) / 4 for season in seasons]
    level = sum(years) / 2 - slope * 4.5  # of the quarter before the first
    ets = ETSModel(
        np.array(series), error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=4,
        initialization_method="known", initial_level=level, initial_trend=slope, initial_seasonal=seasons,
    )  # fmt: skip
    states = _states(ets, [[*constants, DAMPING] for constants in SEASONAL_GRID])
    level, trend = float(states[-1][0]), float(states[-1][1])
    damped = [math.fsum(DAMPING**step for step in range(1, ahead + 1)) for ahead in range(1, steps + 1)]
    return [level + trend * damped[ahead] + float(states[ahead - 4][2]) for ahead in range(steps)]


def _states(ets: Any, grid: Sequence[Sequence[float]]) -> Any:
    """Level, trend and season after each quarter, under the likeliest constants of the grid; the first of equal ones.

    The library's own forecast would work out standard errors first, which costs more than all else here.
    """
    import numpy as np

    with np.errstate(divide="ignore"):  # a series without noise is infinitely likely
        likeliest = max(grid, key=lambda constants: ets.loglike(np.array(constants)))
    return ets.smooth(np.array(likeliest), return_raw=True)[1]


def _year(origin: Row, before: Sequence[Row], ratios: Sequence[float]) -> float:
    """Growth of the year in %: what is known of it, and each quarter to come as a multiple of the year before's."""
    known = origin["quarters_known"]
    year_before = before[len(before) - known - 4 :][:4]
    rest = year_before[known:]
    weights = math.fsum(float(part["quarter_constant_bn"]) for part in rest)
    share = float(origin["share_of_year_before"])
    so_far = share * (1 + float(origin["growth_so_far_pct"] or 0) / 100)
    grown = math.fsum(float(part["quarter_constant_bn"]) * ratio for part, ratio in zip(rest, ratios, strict=True))
    return round(100 * (so_far + (1 - share) * grown / weights - 1), 2)

"""Projections of parts and whole made to add up: least squares on what each may be off, parts of one area at a time.

Each sector is projected by itself, so that parts and whole disagree. Of all figures that add up, those are taken that
lie nearest to the projections, each distance measured by its own variance, the square of its spread in earlier years
(weighted least squares reconciliation; Wickramasuriya, Athanasopoulos, Hyndman, Journal of the American Statistical
Association, 2019). On a tree this is exact in two passes: up, each whole is the mean of itself and the sum of its
parts, weighted by precision; down, what a whole moved is shared among its parts by variance.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]

SCHEMA = pa.schema(
    {
        "area_code": pa.string(),
        "sector_code": pa.string(),
        "target_year": pa.int32(),
        "quarters_known": pa.int32(),
        "reconciled_growth_pct": pa.float64(),
    }
)
LEAST_SPREAD_PP = 0.01
"""A sector that was never off by more may still be off by this: the last decimal that is shown."""


def model(dbt: Any, session: Any) -> pa.Table:
    """Return one row for each projection, in % of the year before; what has no whole or lacks a part stays as it is."""
    dbt.config(materialized="table")
    parts: dict[str, list[str]] = {}
    for sector in pa.table(dbt.ref("sectors")).to_pylist():
        if sector["is_required_part"] and sector["sector_depth"] in (1, 2):
            parts.setdefault(sector["parent_sector_code"], []).append(sector["sector_code"])
    origins: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in pa.table(dbt.ref("int_projection_choices")).to_pylist():
        if row["projected_growth_pct"] is not None:
            key = row["area_code"], row["target_year"], row["quarters_known"], row["is_simulated"]
            origins.setdefault(key, {})[row["sector_code"]] = row
    rows = []
    for (area, year, known, _), sectors in sorted(origins.items()):
        rows += [
            {
                "area_code": area, "sector_code": sector, "target_year": year, "quarters_known": known,
                "reconciled_growth_pct": round(100 * moved / float(sectors[sector]["year_before_constant_bn"]), 4),
            }
            for sector, moved in _reconciled(sectors, parts)
        ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _reconciled(sectors: Mapping[str, Row], parts: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
    """By sector, the increase of its level on the year before, in bn VND."""
    tree = {whole: own for whole, own in parts.items() if {whole, *own} <= sectors.keys()}
    means, variances = {}, {}
    for sector, row in sectors.items():
        level = float(row["year_before_constant_bn"])
        spread = max(float(row["backtest_root_mean_square_error_pp"]), LEAST_SPREAD_PP)
        means[sector] = level * float(row["projected_growth_pct"]) / 100
        variances[sector] = (level * spread / 100) ** 2

    def up(sector: str) -> None:
        own = tree.get(sector, ())
        for part in own:
            up(part)
        if own:
            total, spread = math.fsum(means[part] for part in own), math.fsum(variances[part] for part in own)
            weight = spread / (spread + variances[sector])
            means[sector] = weight * means[sector] + (1 - weight) * total
            variances[sector] *= weight

    def down(sector: str, mean: float) -> Iterator[tuple[str, float]]:
        yield sector, mean
        own = tree.get(sector, ())
        rest = mean - math.fsum(means[part] for part in own)
        spread = math.fsum(variances[part] for part in own)
        for part in own:
            yield from down(part, means[part] + rest * variances[part] / spread)

    for root in sorted(sectors.keys() - {part for own in tree.values() for part in own}):
        up(root)
        yield from down(root, means[root])

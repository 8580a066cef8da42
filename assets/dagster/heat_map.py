"""A map of full capture for officers: districts down, quarters across, the darker the more is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import dagster as dg
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.dagster.pictures import in_lines, picture, wide_table

LEFT, TOP, WIDTH, HEIGHT = 190, 34, 92, 26
DISTRICTS_SHOWN = 120


class Shade(NamedTuple):
    """From which capture rate on a cell has which colour in the map, and which block in the table."""

    least: float
    colour: str
    block: str


SHADES = (
    Shade(0.98, "#e6f4ea", " "),
    Shade(0.95, "#fff4d6", "░"),
    Shade(0.9, "#fddcae", "▒"),
    Shade(0.75, "#f8b28a", "▓"),
    Shade(0.0, "#e57373", "█"),
)
COLOUR_WITHOUT_RATE = "#eeeeee"
SILENT = "0 phiếu"
"""No return came: what a cell says in place of a rate."""

_COLUMNS = (
    "area_code", "district_code", "district_name_vi", "quarter", "stratum", "n_permits", "n_matched", "capture_rate",
    "n_omitted", "n_units_drawn", "n_units_answered", "is_simulated",
)  # fmt: skip

Row = Mapping[str, Any]


def capture_views(mart: Path) -> dict[str, dg.MetadataValue]:
    """Return capture by district and quarter as a table, newest first, and as a map; empty without rows.

    The rate is that of the take-all strata, in which every running permit should be found; the number of omissions is
    that of all strata. The map has too many cells to be shown in its place: it is behind a click.
    """
    table = pq.read_table(mart, columns=list(_COLUMNS))
    rows = table.filter(pc.equal(table["stratum"], "total")).to_pylist()
    if not rows:
        return {}
    quarters = sorted({row["quarter"] for row in rows})
    cells = {(row["area_code"], row["district_code"], row["quarter"]): row for row in rows}
    districts = sorted({(row["area_code"], row["district_code"]) for row in rows}, key=_order)
    shown = districts[:DISTRICTS_SHOWN]
    labels = {(row["area_code"], row["district_code"]): _label(row) for row in rows}
    lines = [(labels[d], [cells.get((*d, quarter)) for quarter in quarters]) for d in shown]
    more = f" The first {DISTRICTS_SHOWN} of {len(districts)} are shown." if len(districts) > len(shown) else ""
    simulated = " Simulated data." if any(row["is_simulated"] for row in rows) else ""
    return {
        "capture": wide_table(
            [
                {"district": label, **{q: _shaded(cell) for q, cell in reversed([*zip(quarters, found, strict=True)])}}
                for label, found in lines
            ]
        ),
        "how_to_read_it": dg.MetadataValue.md(
            in_lines(
                "**71 % · 5**: the survey holds 71 % of the running permits in the strata where all are surveyed, and "
                f"leaves 5 works of all strata out. **{SILENT} · 5**: units were asked and none answered. The darker "
                f"the block, the more is left out. Empty: no permits.{more}{simulated}",
                "**71 % · 5**: điều tra có 71% số giấy phép đang thi công ở các tầng điều tra toàn bộ, bỏ sót 5 công "
                f"trình ở mọi tầng. **{SILENT} · 5**: có hỏi nhưng không đơn vị nào trả lời. Ô càng đậm, bỏ sót càng "
                "nhiều. Ô trống: không có giấy phép.",
            )
        ),
        "capture_map": picture("capture by district and quarter", _svg(quarters, lines), ""),
    }


def _order(district: tuple[str | None, str]) -> tuple[str, bool, str]:
    area, code = district
    return (area or "", code != "total", code)


def _label(row: Row) -> str:
    if row["district_code"] == "total":
        return f"Toàn tỉnh {row['area_code'] or ''}".strip()
    return str(row["district_name_vi"] or row["district_code"])


def _svg(quarters: Sequence[str], lines: Sequence[tuple[str, Sequence[Row | None]]]) -> str:
    parts = [
        f'<text x="{LEFT + i * WIDTH + WIDTH / 2:.0f}" y="22" text-anchor="middle">{escape(quarter)}</text>'
        for i, quarter in enumerate(quarters)
    ]
    for number, (label, cells) in enumerate(lines):
        y = TOP + number * HEIGHT
        parts.append(f'<text x="0" y="{y + 17}">{escape(label)}</text>')
        for i, cell in enumerate(cells):
            shade, text = _cell(cell)
            colour = shade.colour if shade else COLOUR_WITHOUT_RATE
            x = LEFT + i * WIDTH
            parts += [
                f'<rect x="{x}" y="{y}" width="{WIDTH - 2}" height="{HEIGHT - 2}" fill="{colour}"/>',
                f'<text x="{x + WIDTH / 2 - 1:.0f}" y="{y + 17}" text-anchor="middle">{escape(text)}</text>',
            ]
    below = TOP + len(lines) * HEIGHT + 8
    for i, shade in enumerate(SHADES):
        text = f"≥ {100 * shade.least:.0f} %" if shade.least else f"< {100 * SHADES[i - 1].least:.0f} %"
        parts += [
            f'<rect x="{LEFT + i * WIDTH}" y="{below}" width="14" height="14" fill="{shade.colour}"/>',
            f'<text x="{LEFT + i * WIDTH + 20}" y="{below + 12}">{escape(text)}</text>',
        ]
    width, height = LEFT + max(len(quarters), len(SHADES)) * WIDTH, below + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>'
    )


def _shaded(row: Row | None) -> str:
    """What the table says of one district and quarter, with its block before it."""
    shade, text = _cell(row)
    return f"{shade.block if shade else ' '} {text}".strip()


def _cell(row: Row | None) -> tuple[Shade | None, str]:
    """Shade and words of one district and quarter; no shade where no rate is known."""
    if row is None:
        return None, ""
    left_out = f" · {row['n_omitted']}" if row["n_omitted"] else ""
    if row["n_permits"] and row["n_matched"] is None:
        return SHADES[-1], f"{SILENT}{left_out}"
    if row["capture_rate"] is None:
        return None, f"—{left_out}"
    rate = float(row["capture_rate"])
    return next(shade for shade in SHADES if rate >= shade.least), f"{100 * rate:.0f} %{left_out}"

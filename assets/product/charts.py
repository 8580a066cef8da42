"""Charts as SVG: a Vega-Lite specification of `charts/`, and the rows that it draws. Nothing of them is a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import vl_convert

_FOLDER = Path(__file__).with_name("charts")
_LOOK = {
    "background": None,
    "view": {"stroke": None},
    "font": "system-ui, sans-serif",
    "axis": {"labelFontSize": 11, "labelColor": "#333333", "domainColor": "#999999", "gridColor": "#e3e3e3"},
}


def chart(name: str, **rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a chart as SVG, drawn from rows by the names of the data that its specification asks for.

    It has no text alternative of its own: who shows it says in words what it shows. Raises FileNotFoundError for a
    chart that is not there, and ValueError where the specification and its rows do not fit.
    """
    specification = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    specification["datasets"] = {key: [_plain(row) for row in values] for key, values in rows.items()}
    specification["config"] = _LOOK
    svg: str = vl_convert.vegalite_to_svg(specification, vl_version="6.4")
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of a chart are places on paper, so that a double is exact enough."""
    return {key: float(value) if isinstance(value, Decimal) else value for key, value in row.items()}

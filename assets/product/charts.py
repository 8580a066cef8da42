"""Charts as SVG: Vega-Lite specifications of `charts/`, and the rows that they draw. Nothing of them is a script.

A chart is drawn in one language. `{"put": "months"}` in a specification stands for words of `words.yml`, or for what
whoever draws the chart gives by that name; a row says `label_vi` and `label_en` where a specification asks for `label`.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from assets.product.figures import Language
from assets.product.words import chart_words
from resources.files import read_sealed, write_sealed

_FOLDER = Path(__file__).with_name("charts")
_DRAWING = Path(__file__).with_name("drawing.py")
_LOOK: Mapping[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "aria": False,
    "font": "system-ui, sans-serif",
    "axis": {
        "labelFontSize": 11, "labelColor": "#333333", "domainColor": "#999999", "gridColor": "#e3e3e3",
        "titleFontSize": 11, "titleFontWeight": "normal", "titleColor": "#333333",
    },
    "axisY": {"titleAngle": 0, "titleAlign": "left", "titleX": -24, "titleY": -10},
}  # fmt: skip

_NUMBERS: Mapping[Language, Mapping[str, Any]] = {
    "vi": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " VND"]},
}
"""How each language writes the numbers of axes."""
_SAYS_NOTHING = re.compile(r' (?:class="[a-z -]*"|pointer-events="none"|opacity="1"|xmlns:xlink="[^"]*")')
"""Attributes that change nothing of what is seen: a third of a chart."""
PAPER_FONT = "Liberation Sans"

Specification = Mapping[str, Any]
Draw = Callable[[Sequence[Specification]], list[str]]


def chart(
    name: str, rows: Mapping[str, Sequence[Mapping[str, Any]]], language: Language = "vi", **put: object
) -> Specification:
    """Return a chart that draws rows, by the names of the data that it asks for.

    Raises FileNotFoundError for a chart that is not there, KeyError for one that asks for what nobody gives.
    """
    specification = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    datasets = {key: [_plain(row, language) for row in values] for key, values in rows.items()}
    look = {**_LOOK, "locale": {"number": _NUMBERS[language]}}
    filled: Specification = _with_what_is_put({**specification, "config": look}, {**chart_words(language), **put})
    return {**filled, "datasets": datasets}


def _with_what_is_put(part: Any, put: Mapping[str, object]) -> Any:
    if isinstance(part, list):
        return [_with_what_is_put(one, put) for one in part]
    if not isinstance(part, dict):
        return part
    if set(part) == {"put"}:
        return put[part["put"]]
    return {key: _with_what_is_put(value, put) for key, value in part.items()}


def drawn(charts: Sequence[Specification]) -> list[str]:
    """Return charts as SVG; the caller describes in words what it shows.

    Raises subprocess.CalledProcessError where a specification and its rows do not fit.
    """
    return [_SAYS_NOTHING.sub("", svg).replace("<svg ", '<svg aria-hidden="true" ', 1) for svg in _made(charts, "svg")]


def drawn_as_png(charts: Sequence[Specification]) -> list[str]:
    """Return charts as PNG in base64, with letters of fonts that the engine brings along: the same bytes everywhere."""
    return _made([{**one, "config": {**one["config"], "font": PAPER_FONT}} for one in charts], "png")


def kept_in(note: Path, code: str, draw: Draw) -> Draw:
    """Return what draws charts as `draw` does, and notes them: one that the same code drew of the same is taken again.

    The note is a cache and no more: gone or damaged, all is drawn again. It holds the charts of the last time.
    """

    def draw_what_is_new(charts: Sequence[Specification]) -> list[str]:
        known: Mapping[str, str] = read_sealed(note) or {}
        names = [hashlib.sha256(json.dumps([code, one], sort_keys=True).encode()).hexdigest() for one in charts]
        new = {name: one for name, one in zip(names, charts, strict=True) if name not in known}
        made = dict(zip(new, draw(list(new.values())), strict=True))
        shown = {name: made[name] if name in made else known[name] for name in names}
        if shown != known:
            write_sealed(note, shown)
        return [shown[name] for name in names]

    return draw_what_is_new


def _made(charts: Sequence[Specification], form: str) -> list[str]:
    if not charts:
        return []
    command = [sys.executable, "-P", str(_DRAWING), form]
    made = subprocess.run(command, input=json.dumps(charts), stdout=subprocess.PIPE, text=True, check=True)
    drawn: list[str] = json.loads(made.stdout)
    return drawn


def _plain(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Numbers of a chart are points on paper, so that a double is exact enough; of two languages one is taken."""
    other = "_en" if language == "vi" else "_vi"
    return {
        key.removesuffix(f"_{language}"): float(value) if isinstance(value, Decimal) else value
        for key, value in row.items()
        if not key.endswith(other)
    }

"""The page of a release: one self-contained file for people who would rather look.

It asks for nothing from anywhere, runs no script and shows what the marts say: each number stands in a `<data>` element
that names the mart, the row and the column it comes from, so that whoever doubts can look it up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assets.product.charts import Draw, Specification, chart, drawn
from assets.product.figures import (
    LANGUAGES,
    Language,
    decimals_apart,
    format_day,
    format_gap,
    format_money,
    format_number,
    format_share,
    format_threshold,
)
from assets.product.marts import Marts, Row
from assets.product.morning import (
    changes,
    late_and_awaited_by_none,
    late_deliveries,
    milestones,
    offices_in_english,
)
from assets.product.views import (
    Item,
    capture_map,
    contributions,
    curves,
    fan,
    held_back,
    items,
    outlook,
    province,
    quality,
    tally,
    whole_ticks,
)
from assets.product.words import (
    cause_words,
    comparator_words,
    held_together,
    judgement_words,
    page_words,
    unit_of,
    unit_words,
)

PAGE = "scorecard.html"
SPANS = ("day", "week")
_TEMPLATES = Path(__file__).with_name("templates")
_SIGNS: Mapping[str, str] = {
    "achieved": "✓", "on_track": "✓", "missed": "✗", "off_track": "✗", "deteriorating": "✗",
    "at_risk": "!", "undecided": "?", "monitored": "•", "not_yet_due": "…", "no_data": "—",
    "not_comparable": "—", "no_indicator": "—",
}  # fmt: skip
"""A sign beside each status, for readers who cannot tell its colour."""


def page(marts: Marts, as_of: dt.date, release_id: str, draw: Draw = drawn) -> str:
    """Return the page of a release, as HTML; `draw` draws its charts as SVG.

    Raises FileNotFoundError if a mart that it shows is not there.
    """
    shown = items(marts)
    english = offices_in_english(marts)
    charts: list[tuple[Specification, ...]] = []

    def chart_marker(name: str, **rows: Sequence[Mapping[str, Any]]) -> Markup:
        return _in_both_languages(lambda language: chart(name, rows, language))

    def course_marker(item: Item) -> Markup:
        rows = {"points": item.course, "threshold": [{"value": item.row["threshold"]}]}
        ticks = whole_ticks(item)
        marks = {"ticks": ticks, "format": None if ticks is None else "d"}
        return _in_both_languages(
            lambda language: chart(
                "course", rows, language, unit=unit_words(item.row["unit"], language).strip(), **marks
            )
        )

    def _in_both_languages(chart_of: Callable[[Language], Specification]) -> Markup:
        charts.append(tuple(chart_of(language) for language in LANGUAGES))
        return Markup("<!-- chart {} -->").format(len(charts) - 1)

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(
        t=lambda key: _in_both(page_words, key),
        both=_both,
        office=lambda name: _both(name, english.get(name, name)),
        say=_sentence_of,
        day=_day,
        status=lambda row: _in_both(judgement_words, row),
        cause=lambda code: _in_both(cause_words, code),
        period=lambda code: _both(*(marts.project.phrases.period(code, language) for language in LANGUAGES)),
        number=partial(_number, marts),
        gap=partial(_number, marts, form=format_gap),
        threshold=partial(_number, marts, form=format_threshold),
        money=partial(_number, marts, form=format_money),
        share=partial(_number, marts, decimals=0, form=format_share),
        chart=chart_marker,
        course=course_marker,
        unit_of=unit_of,
        count=lambda value: _both(*(format_number(value, None, language) for language in LANGUAGES)),
        comparator=comparator_words,
        sign=_SIGNS,
        style=Markup((_TEMPLATES / "scorecard.css").read_text(encoding="utf-8")),
    )
    written = environment.get_template("scorecard.html.j2").render(
        as_of=as_of,
        release_id=release_id,
        directives=[(name, list(group)) for name, group in groupby(shown, key=lambda item: item.row["directive"])],
        tally=tally([item.row for item in shown]),
        outlook=outlook(marts, as_of),
        province=province(marts),
        others_late=late_and_awaited_by_none(marts),
        anchors={(item.row["directive"], item.row["item"]): item for item in shown},
        changes=changes(marts, SPANS),
        coming=list(milestones(marts, as_of)),
        late=list(late_deliveries(marts)),
        is_simulated=any(item.row["is_simulated"] for item in shown),
        is_near_shown=any(item.row["within_revision_error"] for item in shown if item.row["threshold"] is not None),
        fan=partial(fan, marts),
        contributions=contributions(marts),
        curves=curves(marts, as_of),
        held_back=held_back(marts),
        capture=capture_map(marts),
        quality=quality(marts),
    )
    made = iter(draw([one for pair in charts for one in pair]))
    for number, pair in enumerate(charts):
        written = written.replace(f"<!-- chart {number} -->", _both(*(Markup(next(made)) for _ in pair)), 1)
    return written


def _both(vi: object, en: object) -> Markup:
    """A text in both languages, of which the page shows one."""
    vietnamese, english = (
        text if isinstance(text, Markup) else escape(held_together("—" if text is None else str(text)))
        for text in (vi, en)
    )
    if vietnamese == english:
        return vietnamese
    return Markup('<span class="vi" lang="vi">{}</span><span class="en" lang="en">{}</span>').format(
        vietnamese, english
    )


def _in_both(words_of: Callable[[Any, str], str], what: Any) -> Markup:
    return _both(*(words_of(what, language) for language in LANGUAGES))


def _sentence_of(row: Row, column: str) -> Markup:
    """A sentence of a mart in both languages."""
    return _both(row[f"{column}_vi"], row[f"{column}_en"])


def _day(value: dt.date | None) -> Markup:
    return Markup("—") if value is None else _both(format_day(value, "vi"), format_day(value, "en"))


def _number(
    marts: Marts,
    mart: str,
    row: Row,
    column: str,
    unit: str | None = None,
    decimals: int | None = None,
    form: Any = format_number,
) -> Markup:
    """A number of a mart with the place it comes from; a dash where nothing is known."""
    value: Decimal | int | None = row[column]
    if value is None:
        return Markup("—")
    shown = decimals_apart(row.get("actual"), row.get("threshold")) if decimals is None else decimals
    vi, en = (form(value, unit, language, shown) for language in LANGUAGES)
    return Markup('<data value="{}" data-mart="{}" data-row="{}" data-column="{}">{}</data>').format(
        value, mart, marts.key(mart, row), column, _both(vi, en)
    )

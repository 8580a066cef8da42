"""`report.docx`: the draft of the report that an office sends up, in the form of Decree 30/2020/NĐ-CP.

The template is a document that an office edits in its own word processor: heads, number, addressees and signature are
plain text there, and what stands in double braces is put in from the marts. A home may hold a template of its own. One
that cannot be filled harms nothing: the shipped one is taken, and the draft says so in its first lines.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from assets.product.charts import Draw, chart, drawn_as_png
from assets.product.figures import (
    decimals_apart,
    format_day,
    format_gap,
    format_money,
    format_number,
    format_share,
    format_threshold,
)
from assets.product.marts import Marts, Row
from assets.product.morning import late_deliveries
from assets.product.views import contributions, curves, held_back, items, outlook, province, tally
from assets.product.words import (
    clause_words,
    comparator_words,
    judgement_words,
    page_words,
    report_words,
    status_words,
    words,
)

REPORT = "report.docx"
TEMPLATE = Path(__file__).with_name("templates") / "report.docx"
WIDTH_MM = 160
"""What the template's margins leave of an A4 page: 30 mm left and 20 mm right, as Decree 30/2020/NĐ-CP allows."""
BEHIND = ("missed", "off_track", "at_risk", "deteriorating")
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every part: nothing of the hour in which a file was made is in its bytes."""

Content = Mapping[str, Any]


def report_content(marts: Marts, as_of: dt.date, is_signed_by_deputy: bool = False) -> dict[str, Any]:
    """Return what the report of some marts says, as its template asks for it."""
    shown = items(marts)
    rows = [item.row for item in shown]
    targets = [row for row in rows if row["threshold"] is not None]
    boards = curves(marts, as_of)
    names = {curve.board: curve.name for curve in boards}
    growth = contributions(marts)
    received = [row["released_on"] for row in marts.rows("delivery_quality") if row["released_on"]]
    return {
        "month": f"{as_of:%m}",
        "year": f"{as_of:%Y}",
        "until": format_day(max(received, default=as_of), "vi"),
        "is_simulated": any(row["is_simulated"] for row in rows),
        "is_signed_by_deputy": is_signed_by_deputy,
        "counts": _counts(targets),
        "tally": tally(rows)["vi"],
        "assumed": tally(rows)["assumed_vi"],
        "whole": list(_whole_province(marts, as_of)),
        "directives": [_directive(name, list(group)) for name, group in groupby(rows, key=_directive_of)],
        "targets": [_target(number, row) for number, row in enumerate(targets, start=1)],
        "behind": [
            {
                "title": row["title_vi"],
                "judgement": judgement_words({**row, "within_revision_error": False}, "vi"),
                "simulated": _mark(row["is_actual_simulated"]),
            }
            for row in rows
            if row["status"] in BEHIND
        ],
        "late": [
            f"{late.row['supplier']}: {late.feed_vi}, số liệu {marts.project.phrases.period(late.row['period'], 'vi')},"
            f" hạn gửi {format_day(late.row['due_on'], 'vi')}"
            for late in late_deliveries(marts)
        ],
        "steps": [
            {"agency": agency, "steps": sorted({(_title_below(agency, row), row["next_step_vi"]) for row in group})}
            for agency, group in groupby(
                sorted(
                    (row for row in rows if row["status"] in BEHIND and row["next_step_vi"]),
                    key=lambda row: row["next_step_agency_vi"] or "",
                ),
                key=lambda row: row["next_step_agency_vi"],
            )
        ],
        "projects": [
            {
                "number": str(number),
                "board": names.get(board, board),
                "name": one["name"] or one["project_code"],
                "plan": format_money(one["plan_vnd"]),
                "disbursed": format_number(one["disbursed_pct"], "percent", "vi"),
                "shortfall": format_money(one["shortfall_vnd"]),
                "simulated": _mark(one["is_simulated"]),
            }
            for number, (board, one) in enumerate(
                ((board, one) for board, projects in held_back(marts) for one in projects), start=1
            )
        ],
        "growth_simulated": _mark(growth["is_simulated"]),
        "growth_apart": f"{', '.join(one['label_vi'] for one in growth['apart'])}: {page_words('apart', 'vi')}"
        if growth["apart"]
        else "",
        "growth": {"bars": growth["bars"], "whole": growth["whole"]},
        "money": [
            {
                "name": curve.name,
                "before": curve.before,
                "expected": curve.expected,
                "reached": curve.reached,
                "milestones": curve.milestones,
            }
            for curve in boards
        ],
    }


def report(content: Content, own_template: Path | None = None, draw: Draw = drawn_as_png) -> bytes:
    """Return the report that says some content, by a template of the office's own if there is one.

    `draw` draws its charts as PNG in base64.
    """
    if own_template is None:
        return _filled(TEMPLATE, content, "", draw)
    try:
        return _filled(own_template, content, "", draw)
    except (TemplateError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        why = " ".join(str(error).split()) or type(error).__name__
        notice = report_words("template_refused").format(file=own_template.name, reason=why)
        return _filled(TEMPLATE, content, notice, draw)


def _filled(template: Path, content: Content, notice: str, draw: Draw) -> bytes:
    document = DocxTemplate(template)
    growth, *money = _pictures(document, content, draw)
    values = {**content, "notice": notice, "growth_chart": growth, "money_charts": money}
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    document.render(values, environment, autoescape=True)
    written = io.BytesIO()
    document.save(written)
    return _without_times(written)


def _pictures(document: DocxTemplate, content: Content, draw: Draw) -> Iterator[Any]:
    """Yield the chart of growth, an empty text where there is nothing to draw, then that of each board by name."""
    growth, money = content["growth"], content["money"]
    charts = [chart("contributions", growth)] if growth["bars"] else []
    charts += [chart("s_curve", {key: rows for key, rows in one.items() if key != "name"}) for one in money]
    images = iter(draw(charts))
    yield _image(document, next(images), WIDTH_MM) if growth["bars"] else ""
    for one in money:
        yield {"name": one["name"], "image": _image(document, next(images), WIDTH_MM // max(len(money), 1) - 3)}


def _image(document: DocxTemplate, png: str, width_mm: int) -> Any:
    return InlineImage(document, io.BytesIO(base64.b64decode(png)), width=Mm(width_mm))


def _without_times(document: io.BytesIO) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(document) as parts, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as written:
        for part in parts.infolist():
            entry = zipfile.ZipInfo(part.filename, _EARLIEST)
            entry.external_attr = 0o644 << 16
            written.writestr(entry, parts.read(part), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _directive_of(row: Row) -> str:
    return str(row["directive"])


def _directive(name: str, rows: list[Row]) -> dict[str, Any]:
    return {
        "name": name.replace("-", "/", 1),
        "title": rows[0]["directive_title_vi"],
        "issued_on": format_day(rows[0]["issued_on"], "vi"),
        "clauses": [
            {
                "heading": clause_words(clause),
                "lines": [
                    {
                        "title": row["title_vi"],
                        "reason": _sentence(row),
                        "next_step": row["next_step_vi"],
                        "agency": row["next_step_agency_vi"],
                    }
                    for row in group
                ],
            }
            for clause, group in groupby(rows, key=lambda row: row["clause"])
        ],
    }


def _sentence(row: Row) -> str:
    """The reason of a status as a sentence that does not repeat the title in front of it."""
    text = str(row["status_reason_vi"] or "").removeprefix(f"{row['title_vi']}: ")
    return f"{text[:1].upper()}{text[1:]}."


def _counts(targets: list[Row]) -> list[dict[str, str]]:
    counts = Counter(row["status"] for row in targets)
    return [
        {"number": str(counts[status]), "status": status_words(status, "vi")}
        for status in words()["statuses"]
        if counts[status]
    ]


def _whole_province(marts: Marts, as_of: dt.date) -> Iterator[str]:
    """Say what the whole province has disbursed, and what the year is projected to bring."""
    for row in province(marts):
        yield report_words("disbursed").format(
            year=row["budget_year"],
            until=format_day(row["on_date"], "vi"),
            disbursed=format_money(row["disbursed_vnd"]),
            share=format_number(row["disbursed_pct"], "percent", "vi"),
            plan=format_money(row["plan_vnd"]),
            simulated=_mark(row["is_simulated"]),
        )
    ahead = outlook(marts, as_of)
    if ahead is not None:
        yield report_words("outlook").format(
            year=ahead["target_year"],
            growth=format_number(ahead["projected_growth_pct"], "percent", "vi"),
            low=format_number(ahead["low_80_pct"], "percent", "vi"),
            high=format_number(ahead["high_80_pct"], "percent", "vi"),
            target=f"{comparator_words(ahead['target_comparator'])}\N{NO-BREAK SPACE}"
            + format_threshold(ahead["target_growth_pct"], "percent", "vi"),
            chance=format_share(ahead["probability_of_target"]),
            simulated=_mark(ahead["is_simulated"]),
        )


def _title_below(agency: str | None, row: Row) -> str:
    """The title of an item below the agency whose task it is, which is not named twice."""
    text = str(row["title_vi"]).removeprefix(f"{agency}: ")
    return f"{text[:1].upper()}{text[1:]}"


def _target(number: int, row: Row) -> dict[str, str]:
    decimals = decimals_apart(row["actual"], row["threshold"])
    threshold = format_threshold(row["threshold"], row["unit"], "vi")
    return {
        "number": str(number),
        "title": row["title_vi"],
        "target": f"{comparator_words(row['comparator'])}\N{NO-BREAK SPACE}{threshold}",
        "actual": format_number(row["actual"], row["unit"], "vi", decimals),
        "gap": format_gap(row["gap"], row["unit"], "vi", decimals).replace("điểm %", "điểm\N{NO-BREAK SPACE}%"),
        "judgement": judgement_words(row, "vi"),
        "lead": row["lead_vi"] or page_words("no_agency", "vi"),
        "simulated": "*" if row["is_actual_simulated"] else "",
    }


def _mark(is_simulated: bool) -> str:
    return f" ({page_words('simulated', 'vi')})" if is_simulated else ""

"""Prints the directive's scorecard from a release: what is asked, where it stands, on what evidence.

It only shows what the mart says. A null is shown as a dash, never as a zero; a status is always written
out, never a colour alone; simulated evidence is marked in its row.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assets.product.figures import (
    UNKNOWN,
    Language,
    decimals_apart,
    format_day,
    format_gap,
    format_number,
    format_threshold,
)
from assets.product.marts import Row, rows_if_kept, rows_of
from assets.product.words import comparator_words, judgement_words, page_words, status_words
from resources.files import read_json

EVIDENCE_FROM = 100
"""On a narrower screen, down to 80 columns, the evidence of a figure is left out."""
WIDE_FROM = 140

_STYLES: Mapping[str, str] = {
    "achieved": "green",
    "missed": "red",
    "on_track": "green",
    "at_risk": "yellow",
    "off_track": "red",
    "deteriorating": "red",
    "undecided": "yellow",
    "not_yet_due": "cyan",
    "no_data": "dim",
    "not_comparable": "dim",
    "monitored": "cyan",
    "no_indicator": "dim",
}


class ScorecardError(RuntimeError):
    """A release without a scorecard; the message says where it was looked for and what to do."""


@dataclass(frozen=True)
class _ItemEvidence:
    publisher: str | None
    released_on: dt.date | None
    is_simulated: bool


def print_scorecard(release: Path, console: Console, *, lang: Language = "vi", wide: bool | None = None) -> None:
    """Print the scorecard that lies in a release folder.

    `wide` adds the reason of each status and the next step, and writes agencies out; by default the width decides.
    Raises ScorecardError if the folder holds no scorecard.
    """
    rows = read_rows(release)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = max(console.width, EVIDENCE_FROM)  # a log has no edge; what it is shown in may scroll
    wide = console.width >= WIDE_FROM if wide is None else wide
    agencies = _agency_names(release, lang)
    if (day := (read_json(release / "manifest.json") or {}).get("as_of")) is not None:
        console.print(Text(f"{page_words('as_of', lang)} {format_day(dt.date.fromisoformat(day), lang)}", style="bold"))
    for directive, of_directive in _grouped(rows):
        targets = [row for row in of_directive if row.get("threshold") is not None]
        tasks = [row for row in of_directive if row.get("threshold") is None]
        number = directive.replace("-", "/", 1)
        if targets:
            console.print(_table(f"{number} · {page_words('targets', lang)}", targets, lang, agencies, console, wide))
        if tasks:
            console.print(_table(f"{number} · {page_words('tasks', lang)}", tasks, lang, agencies, console, wide))
    console.print(_summary(rows, lang))
    console.print(Text(f"{page_words('tasks', lang)}: {page_words('tasks_note', lang)}", style="dim"))
    console.print(Text(f"{page_words('unknown', lang)} ≈: {page_words('near', lang)}.", style="dim"))


def read_rows(release: Path) -> list[dict[str, Any]]:
    """Return the scorecard's rows, directive by directive as they were issued, in the order of their clauses.

    Raises ScorecardError if the folder holds no scorecard.
    """
    path = release / "directive_scorecard.parquet"
    if not path.is_file():
        raise ScorecardError(
            f"{path} does not exist: no release has been made here yet. Run "
            "`python -m pipeline nightly --inbox DIR`; if it has run, see what it said about the release."
        )
    rows = rows_of(release, "directive_scorecard")
    issued = _issued(release)
    return sorted(rows, key=lambda row: (issued.get(row["directive"], dt.date.max), *_register_order(row)))


def status_label(row: Row, lang: Language) -> Text:
    """The status in words; a judgement on figures that are not final says so ("ước đạt", "ước không đạt")."""
    return Text(judgement_words(row, lang), style=_STYLES.get(row["status"], ""))


def _table(
    title: str, rows: Sequence[Row], lang: Language, agencies: Mapping[str, str], console: Console, wide: bool
) -> Table:
    """What is asked and where it stands; the agency has a column of its own where there is room."""
    with_evidence = wide or console.width >= EVIDENCE_FROM
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_lines=False,
        expand=True,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column(page_words("code", lang), no_wrap=True)
    table.add_column(page_words("what", lang), ratio=5, min_width=18)
    with_target = any(row.get("threshold") is not None for row in rows)
    for name in ("target_set", "actual", "gap") if with_target else ("actual",):
        table.add_column(page_words(name, lang), justify="right", no_wrap=True)
    table.add_column(page_words("status", lang), min_width=10, max_width=None if wide else 15)
    if wide:
        table.add_column(page_words("lead", lang), ratio=3, min_width=7)
    if with_evidence:
        table.add_column(page_words("evidence", lang), ratio=4, min_width=16)
    if wide:
        table.add_column(page_words("reason", lang), ratio=8, min_width=24)
    for row in rows:
        decimals = decimals_apart(row.get("actual"), row.get("threshold"))
        lead = _lead(row, agencies, lang)
        cells: list[str | Text] = [row["item"], _what(row, lang, None if wide else lead)]
        if with_target:
            cells.append(_target(row, lang))
        cells.append(format_number(row.get("actual"), row.get("unit"), lang, decimals))
        if with_target:
            cells.append(format_gap(row.get("gap"), row.get("unit"), lang, decimals))
        cells.append(status_label(row, lang))
        if wide:
            cells.append(lead)
        if with_evidence:
            cells.append(_evidence(row, lang))
        if wide:
            cells.append(_reason(row, lang))
        table.add_row(*cells)
    return table


def _what(row: Row, lang: Language, lead: str | None) -> Text:
    """What is asked, and who leads; of a task also what is measured, because its figure says nothing without."""
    text = Text(row.get(f"title_{lang}") or UNKNOWN)
    label = row.get(f"indicator_label_{lang}")
    if row.get("threshold") is None and label and row.get("actual") is not None:
        text.append(f" ({label})", style="dim")
    if lead is not None:
        text.append(f"\n{lead}", style="italic")
    return text


def _reason(row: Row, lang: Language) -> str:
    """Why the status is so, and on a line of its own the next step and whose it is."""
    reason = row.get(f"status_reason_{lang}") or row.get("status_reason_en") or UNKNOWN
    step = row.get(f"next_step_{lang}")
    if step is None:
        return reason
    return f"{reason}\n→ {row.get(f'next_step_agency_{lang}') or UNKNOWN}: {step}"


def _target(row: Row, lang: Language) -> str:
    return (
        f"{comparator_words(row.get('comparator') or '')} {format_threshold(row['threshold'], row.get('unit'), lang)}"
    )


def _lead(row: Row, agencies: Mapping[str, str], lang: Language) -> str:
    codes = row.get("lead_agency_codes") or row.get("lead_agency_code")
    return page_words("no_agency", lang) if codes is None else "; ".join(agencies.get(c, c) for c in codes.split(", "))


def _evidence(row: Row, lang: Language) -> Text:
    simulated = bool(row.get("is_actual_simulated", row.get("is_simulated")))  # older releases know the row alone
    evidence = _ItemEvidence(row.get("evidence_publisher"), row.get("evidence_released_on"), simulated)
    if evidence.publisher is None and evidence.released_on is None:
        return Text(UNKNOWN)
    day = None if evidence.released_on is None else format_day(evidence.released_on, lang)
    text = Text(", ".join(filter(None, (evidence.publisher, day))))
    if evidence.is_simulated:
        text.append(f" [{page_words('simulated', lang)}]", style="magenta")
    return text


def _summary(rows: Iterable[Row], lang: Language) -> Text:
    rows = list(rows)
    counts = Counter(row["status"] for row in rows)
    text = Text(f"{len(rows)} {page_words('items', lang)}: ")
    parts = []
    for status, style in _STYLES.items():
        if counts[status]:
            parts.append(Text(f"{counts[status]} {status_words(status, lang)}", style=style))
    return text + Text(", ").join(parts)


def _grouped(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["directive"], []).append(row)
    return list(groups.items())


def _issued(release: Path) -> dict[str, dt.date]:
    """The day of each directive, from the dimension that a release holds beside its scorecard."""
    rows = rows_if_kept(release, "dim_directive_item")
    return {row["directive"]: row["issued_on"] for row in rows if row["issued_on"] is not None}


def _register_order(row: Row) -> tuple[Any, ...]:
    deadline = row.get("deadline_on") or dt.date.max
    return row["directive"], _clause_order(row.get("clause")), deadline, row["item"]


def _clause_order(clause: str | None) -> tuple[tuple[int, int | str], ...]:
    # '2.b-10' after '2.b-9'; the preamble before clause 1.
    parts = re.findall(r"\d+|[^\W\d_]+", clause or "")
    if parts and not parts[0].isdigit():
        return ()
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts)


def _agency_names(release: Path, lang: Language) -> dict[str, str]:
    rows = rows_if_kept(release, "dim_agency")
    return {row["agency_code"]: row[f"name_{lang}"] for row in rows if row[f"name_{lang}"] is not None}

"""What each part of the page shows: rows of marts, chosen and put in order. Nothing is computed here."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from assets.product.figures import LANGUAGES, Language, format_day, format_month
from assets.product.marts import Marts, Row
from assets.product.words import judgement_words, page_words, words

FILES_OF_EVIDENCE = 8
ROWS_OF_A_FILE = 12
"""Files of evidence that an item shows, and rows of each; all of them stand in the mart."""
PROJECTS_SHOWN = 5
QUARTERS_SHOWN = 8
COUNTS = ("count", "project", "projects")
MARKS_OF_COUNTS = 5
"""Units that come whole, and how many marks an axis of them has room for."""
SECTORS = ("I", "II", "III", "TAX")
"""The parts of GRDP, in the order in which a bar piles them up."""
APART_PP = Decimal("0.05")
"""From where on the growth of GRDP is seen not to be the sum of the contributions."""
NO_RETURN = "×"
"""What the map writes where nobody answered; the words beside it say so."""
_SO_FAR = {3: "Q1", 6: "H1"}
"""How English tables call the first months of a year; other months have their number, as 9M."""
_ROMAN = {"Q1": "I", "Q2": "II", "Q3": "III", "Q4": "IV"}


@dataclass(frozen=True)
class Item:
    """An item of a directive and what stands beside it."""

    row: Row
    course: Sequence[Mapping[str, Any]]
    evidence: Sequence[Mapping[str, Any]] = ()
    files_of_evidence: int = 0
    is_course_simulated: bool = False

    @property
    def anchor(self) -> str:
        """The item's address on the page."""
        return f"{self.row['directive']}-{self.row['item']}"


@dataclass(frozen=True)
class Fan:
    """Projections of a sector's year, by quarters known, and how good such projections were."""

    points: Sequence[Mapping[str, Any]]
    newest: Row
    score: Row | None


@dataclass(frozen=True)
class Curve:
    """The course of a board's disbursement in its budget year."""

    board: str
    name: str
    name_en: str
    newest: Row | None
    reached: Sequence[Mapping[str, Any]]
    expected: Sequence[Mapping[str, Any]]
    before: Sequence[Mapping[str, Any]]
    milestones: Sequence[Mapping[str, Any]]
    targets: Sequence[Row] = field(default_factory=list)


def items(marts: Marts) -> list[Item]:
    """Return every item of every directive, in the order of the directives and of their clauses."""
    course: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in marts.rows("scorecard_history", knowledge="as_then_known"):
        if row["actual"] is not None:
            course[row["directive"], row["item"]].append(row)
    evidence: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in marts.rows("evidence"):
        evidence[row["directive"], row["item"]].append(row)
    directives = {row["directive"]: row for row in marts.rows("dim_directive_item")}
    addressed = {(row["directive"], row["item"]) for row in marts.rows("item_agencies", agency_role="addressee")}
    rows = sorted(
        marts.rows("directive_scorecard"),
        key=lambda row: (directives[row["directive"]]["issued_on"], row["directive"], row["item_order"]),
    )
    agencies = {row["agency_code"]: row for row in marts.rows("dim_agency")}
    found = []
    for row in rows:
        key = row["directive"], row["item"]
        leads = [agencies[code] for code in (row["lead_agency_codes"] or "").split(", ") if code in agencies]
        added = {
            "lead_vi": "; ".join(lead["name_vi"] for lead in leads),
            "lead_en": "; ".join(lead["name_en"] or lead["name_vi"] for lead in leads),
            **{name: directives[row["directive"]][name] for name in ("issued_on", "directive_title_vi")},
        }
        if not leads and key in addressed:
            added |= {f"lead_{language}": page_words("addressees", language) for language in LANGUAGES}
        points = [
            {
                "value": point["actual"],
                **{f"label_{language}": format_month(point["on_date"], language) for language in LANGUAGES},
            }
            for point in sorted(course[key], key=lambda point: point["on_date"])
        ]
        files = _files_of(marts, row, evidence[key])
        simulated = any(point["is_simulated"] for point in course[key])
        found.append(Item({**row, **added}, points, files[:FILES_OF_EVIDENCE], len(files), simulated))
    return found


def whole_ticks(item: Item) -> list[int] | None:
    """Return where the axis of a course of counts has its marks, as nobody starts half a project; None for shares."""
    values = [*(point["value"] for point in item.course), item.row["threshold"]]
    if any(value % 1 for value in values) or item.row["unit"] not in COUNTS:
        return None
    first, last = int(min(values)), int(max(values))
    return list(range(first, last + 1, 1 + (last - first) // MARKS_OF_COUNTS))


def _files_of(marts: Marts, card: Row, evidence: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the files and sheets that an item rests on, each once with its rows, the delivery of the figure first."""
    by_sheet: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in evidence:
        by_sheet[row["delivery_id"], row["feed"], row["source_file"], row["source_sheet"]].append(row)
    found = []
    for (delivery, feed, file, sheet), rows in by_sheet.items():
        row_numbers = sorted({row["source_row"] for row in rows if row["source_row"] is not None})
        released_on = card["evidence_released_on"] if delivery == card["evidence_delivery_id"] else None
        file_names = {
            f"file_{language}": file_words(marts, feed, file, released_on, language) for language in LANGUAGES
        }
        found.append(
            {
                **file_names,
                "sheet": sheet,
                "row_numbers": ", ".join(map(str, row_numbers[:ROWS_OF_A_FILE])),
                "more": len(row_numbers) > ROWS_OF_A_FILE,
                "rows": len(row_numbers),
                "is_simulated": any(row["is_simulated"] for row in rows),
                "is_of_figure": delivery == card["evidence_delivery_id"],
            }
        )
    return sorted(found, key=lambda one: not one["is_of_figure"])


def file_words(marts: Marts, feed: str, file: str, released_on: dt.date | None, language: Language) -> str:
    """Name a file; a collection of figures published on many days is named by the day of the figure, not by its own."""
    contract = marts.project.contracts.get(feed)
    if contract is None or not contract.row_released_on:
        return file
    name = str(words()["tally"]["published"][language])
    return name if released_on is None else f"{name} ({format_day(released_on, language)})"


def tally(rows: Sequence[Row]) -> dict[str, str]:
    """Return in words how many targets stand how, and how many tasks are below a threshold that no directive names."""
    targets = [row for row in rows if row["threshold"] is not None]
    assumed = sum(judged_by_assumption(row) for row in rows)
    sentences: dict[str, str] = {}
    for language in LANGUAGES:
        patterns = words()["tally"]
        counts = Counter(judgement_words({**row, "within_revision_error": False}, language) for row in targets)
        within = Counter(judgement_words({**row, "within_revision_error": False}, language) for row in targets
                         if row["within_revision_error"])  # fmt: skip
        order = {
            judgement_words({"status": status, "provisional": provisional}, language): None
            for status in words()["statuses"]
            for provisional in (False, True)
        }
        near = {one: f" ({patterns['within'][language].format(number=number)})" for one, number in within.items()}
        parts = [f"{counts[one]} {one}{near.get(one, '')}" for one in order if counts[one]]
        sentences[language] = f"{patterns['targets'][language].format(number=len(targets))}: {'; '.join(parts)}."
        sentences[f"assumed_{language}"] = patterns["assumed"][language].format(number=assumed) if assumed else ""
    return sentences


def judged_by_assumption(row: Row) -> bool:
    """Whether a task is below a threshold that no directive names."""
    return row["status"] == "missed" and row["threshold"] is None and row["assumed_threshold"] is not None


def outlook(marts: Marts, as_of: dt.date) -> Row | None:
    """Return the newest projection of GRDP for the year of a day, where a target is set for it."""
    rows = [
        row
        for row in marts.rows("growth_projections", sector_code="GRDP", target_year=as_of.year)
        if row["projected_growth_pct"] is not None and row["probability_of_target"] is not None
    ]
    return max(rows, key=lambda row: row["quarters_known"], default=None)


def province(marts: Marts) -> list[Row]:
    """Return what the whole province has disbursed, of the newest budget year that a directive names."""
    years = [int(row["period"][:4]) for row in marts.rows("directive_scorecard") if row["board_code"]]
    rows = marts.rows("disbursement_vs_target", is_total=True, is_latest=True, is_default_denominator=True)
    return [row for row in rows if years and row["budget_year"] == max(years)]


def fan(marts: Marts, row: Row) -> Fan | None:
    """Return the projections of the year of an item's sector; None where there are none."""
    if row["sector_code"] is None or row["projected_growth_pct"] is None:
        return None
    of_sector = {"area_code": row["area_code"], "sector_code": row["sector_code"]}
    rows = marts.rows("growth_projections", **of_sector, target_year=int(row["period"][:4]))
    known = sorted((r for r in rows if r["projected_growth_pct"] is not None), key=lambda r: r["quarters_known"])
    if not known:
        return None
    points = [
        {"label": str(r["quarters_known"]), "value": r["projected_growth_pct"]}
        | {name: r[f"{name}_pct"] for name in ("low_50", "high_50", "low_80", "high_80")}
        for r in known
    ]
    newest = known[-1]
    scores = marts.rows("projection_scores", **of_sector, quarters_known=newest["quarters_known"], is_chosen=True)
    return Fan(points, newest, scores[0] if scores else None)


def contributions(marts: Marts) -> dict[str, Any]:
    """Return what each sector contributes to GRDP's growth, year to date, for the last two years with figures.

    Forecasts are no part of it. A period of which one sector's contribution is unknown is left out.
    """
    area = {row["area_code"] for row in marts.rows("directive_scorecard") if row["sector_code"] is not None}
    rows = [
        row
        for row in marts.rows("sector_growth_vs_target")
        if row["area_code"] in area
        and row["sector_code"] in (*SECTORS, "GRDP")
        and row["period_type"] in ("ytd", "year")
        and not row["is_forecast"]
    ]
    by_period: dict[tuple[int, int, str], dict[str, Row]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (row["evidence_basis"] != "published_growth", row["released_on"])):
        by_period[row["calendar_year"], row["last_month_of_year"] or 12, row["period"]][row["sector_code"]] = row
    whole = {
        key: parts
        for key, parts in sorted(by_period.items())
        if all(s in parts and parts[s]["contribution_pp"] is not None for s in SECTORS)
    }
    years = sorted({key[0] for key in whole})[-2:]
    shown = {key: parts for key, parts in whole.items() if key[0] in years}
    label = {key: {f"label_{language}": _months_of_year(*key[:2], language) for language in LANGUAGES} for key in shown}
    return {
        "is_simulated": any(parts[s]["is_contribution_simulated"] for parts in shown.values() for s in SECTORS),
        "apart": [
            label[key]
            for key, parts in shown.items()
            if "GRDP" in parts
            and parts["GRDP"]["growth_yoy_pct"] is not None
            and abs(sum(parts[s]["contribution_pp"] for s in SECTORS) - parts["GRDP"]["growth_yoy_pct"]) > APART_PP
        ],
        "periods": [(key[2], label[key], parts) for key, parts in shown.items()],
        "bars": [
            {**label[key], "sector": s, "order": order, "value": parts[s]["contribution_pp"]}
            for key, parts in shown.items()
            for order, s in enumerate(SECTORS)
        ],
        "whole": [
            {**label[key], "value": parts["GRDP"]["growth_yoy_pct"]}
            for key, parts in shown.items()
            if "GRDP" in parts and parts["GRDP"]["growth_yoy_pct"] is not None
        ],
    }


def _months_of_year(year: int, last_month: int, language: Language) -> str:
    """Name the year so far as short as an axis needs it."""
    if last_month == 12:
        return str(year)
    return f"{last_month}T/{year}" if language == "vi" else f"{_SO_FAR.get(last_month, f'{last_month}M')} {year}"


def curves(marts: Marts, as_of: dt.date) -> list[Curve]:
    """Return the curves of the boards that a directive names, in the newest budget year that it names."""
    asked = [row for row in marts.rows("directive_scorecard") if row["board_code"] and row["threshold"] is not None]
    found = []
    for board, group in groupby(sorted(asked, key=lambda r: (r["board_code"], r["deadline_on"])), _board):
        targets = list(group)
        year = max(int(row["period"][:4]) for row in targets)
        denominator = targets[0]["denominator"]
        rows = [
            row
            for row in marts.rows("disbursement_s_curve", curve_code=board, budget_year=year)
            if row["denominator"] == denominator and row["curve_of"] == "board"
        ]
        rows.sort(key=lambda row: row["on_date"])
        if not rows:
            continue
        first = dt.date(year, 1, 1)
        weekly = [row for number, row in enumerate(rows) if number % 7 == 0 or row is rows[-1]]

        def points(column: str, rows: Sequence[Row] = weekly, first: dt.date = first) -> list[dict[str, Any]]:
            return [
                {"day": (row["on_date"] - first).days, "value": row[column]} for row in rows if row[column] is not None
            ]

        known = [row for row in rows if row["disbursed_pct"] is not None and row["on_date"] <= as_of]
        reached = [row for row in known if row in weekly or row is known[-1]]
        found.append(
            Curve(
                board,
                rows[0]["curve_name_vi"] or board,
                rows[0]["curve_name_en"] or rows[0]["curve_name_vi"] or board,
                known[-1] if known else None,
                points("disbursed_pct", reached),
                points("expected_pct"),
                points("disbursed_year_before_pct"),
                [{"day": (row["deadline_on"] - first).days, "value": row["threshold"]} for row in targets],
                targets,
            )
        )
    return found


def _board(row: Row) -> str:
    return str(row["board_code"])


def held_back(marts: Marts) -> list[tuple[str, list[Row]]]:
    """Return, by board that a directive names, the projects furthest behind what is expected of them by now."""
    asked = {
        (row["board_code"], row["denominator"], int(row["period"][:4]))
        for row in marts.rows("directive_scorecard")
        if row["board_code"] and row["threshold"] is not None
    }
    behind: list[Row] = [
        row
        for row in marts.rows("project_disbursement")
        if (row["board_code"], row["denominator"], row["budget_year"]) in asked and (row["shortfall_vnd"] or 0) > 0
    ]
    behind.sort(key=lambda row: (row["board_code"], row["shortfall_rank"]))
    return [(board, list(group)[:PROJECTS_SHOWN]) for board, group in groupby(behind, _board)]


def capture_map(marts: Marts) -> dict[str, Any]:
    """Return the share of running permits that the survey found, by district and quarter; the newest quarters.

    A district in which nobody answered has no share, least of all one of 0: it is `silent`, apart from what is unknown.
    """
    rows = [row for row in marts.rows("nonstate_construction_capture", stratum="total") if row["district_name_vi"]]
    quarters = sorted({row["quarter"] for row in rows})[-QUARTERS_SHOWN:]
    rows = [row for row in rows if row["quarter"] in quarters]
    rows.sort(key=lambda row: (row["district_code"] or "", row["quarter"]))
    rows = [{**row, "is_silent": _is_silent(row)} for row in rows]
    cells, silent, unknown = [], [], []
    for row in rows:
        year, quarter = row["quarter"].split("-")
        cell = {
            "quarter_vi": f"{_ROMAN[quarter]}/{year[2:]}",
            "quarter_en": f"{quarter} {year[2:]}",
            "district_vi": row["district_name_vi"],
            "district_en": row["district_name_en"] or row["district_name_vi"],
        }
        if row["is_silent"]:
            silent.append({**cell, "text": NO_RETURN})
        elif row["capture_rate"] is None:
            unknown.append({**cell, "text": "—"})
        else:
            percent = round(float(row["capture_rate"]) * 100)
            cells.append({**cell, "value": float(row["capture_rate"]) * 100, "text": str(percent)})
    is_simulated = any(row["is_simulated"] for row in rows)
    shares = {"cells": cells, "silent": silent, "unknown": unknown}
    return {**shares, "rows": rows, "quarters": quarters, "is_simulated": is_simulated}


def _is_silent(row: Row) -> bool:
    """Whether permits run in a district and quarter of which nothing was returned."""
    return bool(row["n_permits_take_all"]) and row["n_matched_take_all"] is None


def quality(marts: Marts) -> list[dict[str, Any]]:
    """Return how each feed's deliveries fared."""
    contracts = marts.project.contracts
    rows = sorted(marts.rows("delivery_quality"), key=lambda row: row["feed"])
    return [
        {
            "feed_vi": contracts[feed].title_vi if feed in contracts else feed,
            "feed_en": contracts[feed].title_en if feed in contracts else feed,
            "deliveries": len(of_feed),
            "refused": sum(row["status"] == "rejected" for row in of_feed),
            "rows_accepted": sum(row["rows_accepted"] or 0 for row in of_feed),
            "rows_rejected": sum(row["rows_rejected"] or 0 for row in of_feed),
            "warnings": sum(row["findings_warning"] or 0 for row in of_feed),
            "newest": max((row["released_on"] for row in of_feed if row["released_on"]), default=None),
            "is_simulated": any(row["is_simulated"] for row in of_feed),
        }
        for feed, group in groupby(rows, key=lambda row: row["feed"])
        for of_feed in [list(group)]
    ]

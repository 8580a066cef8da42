"""What a person should know this morning, each line with the agencies that it concerns.

It says what the marts of a release say, what was refused, and what waits for a person. Nothing is worked out here, and
a release that says nothing new makes no line. No line names a person, a tax code or a plot.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assets.affected_targets import Affected, affected_deliveries
from assets.product.figures import Language, format_number
from dbt_like_sql.phrases import Phrases, load_phrases
from dbt_like_sql.project import Project
from pipeline.scorecard_table import status_label
from resources.home import Home
from resources.releases import Release, ReleaseStore

AHEAD_DAYS = 14
"""Milestones further ahead than this are not spoken of."""
SECTIONS = ("changed", "milestones", "late", "refused", "work_list", "decisions")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One thing to know: its section, its text, and the agencies that it concerns beside those that hear everything."""

    section: str
    text: str
    agencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Digest:
    """All that there is to say of a day."""

    day: dt.date
    lang: Language
    lines: tuple[Line, ...]

    def for_agency(self, agency: str | None) -> Digest:
        """Return the lines of an agency; all of them where none is named."""
        if agency is None:
            return self
        return Digest(self.day, self.lang, tuple(line for line in self.lines if agency in line.agencies))

    @property
    def title(self) -> str:
        """What the message is called."""
        return _say(self.lang, "title", day=self.day)

    @property
    def text(self) -> str:
        """The whole of it, section by section; one sentence where there is nothing new."""
        if not self.lines:
            return _say(self.lang, "nothing", day=self.day)
        parts = []
        for section in SECTIONS:
            said = [f"- {line.text}" for line in self.lines if line.section == section]
            if said:
                parts.append("\n".join([_say(self.lang, f"section_{section}"), *said]))
        return "\n\n".join(parts)


def digest_of(
    home: Home,
    project: Project,
    release: Release,
    lang: Language,
    since: Sequence[Row] = (),
    before: Release | None = None,
) -> Digest:
    """Return what there is to say of a release.

    `since` are changes that no mart can know (`changes_by_release`), `before` is the release shown until this one: the
    work list says what is new since.
    """
    told = _Told(project, release, lang)
    lines = [
        *told.changed(since),
        *told.milestones(),
        *told.late(),
        *told.refused(home),
        *told.work_list(before),
        *told.decisions(ReleaseStore(home.marts).candidate_id()),
    ]
    return Digest(told.day, lang, tuple(lines))


class _Told:
    """The lines of one release in one language."""

    def __init__(self, project: Project, release: Release, lang: Language) -> None:
        self._project = project
        self._release = release
        self._lang = lang
        self.day = dt.date.fromisoformat(release.manifest["as_of"])
        self._cards = {(row["directive"], row["item"]): row for row in rows_of(release, "directive_scorecard")}
        self._leads: dict[tuple[str, str], set[str]] = {}
        for row in rows_of(release, "item_agencies"):
            if row["agency_role"] == "lead":
                self._leads.setdefault((row["directive"], row["item"]), set()).add(row["agency_code"])

    def changed(self, since: Sequence[Row]) -> Iterator[Line]:
        """Items of which status or figure changed since the day before, and what no mart can know of it."""
        for row in [*(r for r in rows_of(self._release, "what_changed") if r["span"] == "day"), *since]:
            key = row["directive"], row["item"]
            if (card := self._cards.get(key)) is None:
                continue
            yield self._line(
                "changed",
                "changed",
                [key],
                **self._named(card),
                status_before=self._status(card, row["status_before"]),
                status_after=self._status(card, row["status_after"]),
                actual_before=format_number(row["actual_before"], card["unit"], self._lang),
                actual_after=format_number(row["actual_after"], card["unit"], self._lang),
                cause=row["cause"],
            )

    def milestones(self) -> Iterator[Line]:
        """Targets whose day is near, and what is needed on each working day where it is money."""
        needs = {
            (row["directive"], row["milestone"]): row
            for row in sorted(rows_of(self._release, "disbursement_vs_target"), key=lambda row: row["on_date"])
            if row["is_target_denominator"] and row["milestone"] and row["milestone_on"] >= self.day
        }
        for key, card in self._cards.items():
            if card["threshold"] is None or card["deadline_on"] is None:
                continue
            if not 0 <= (card["deadline_on"] - self.day).days <= AHEAD_DAYS:
                continue
            code, need = self._need(needs.get(key))
            yield self._line(
                "milestones",
                code,
                [key],
                **need,
                deadline=card["deadline_on"],
                days_left=card["days_left"],
                status=self._status(card, card["status"]),
                actual=format_number(card["actual"], card["unit"], self._lang),
                **self._named(card),
            )

    def _need(self, money: Row | None) -> tuple[str, dict[str, str]]:
        """What is needed on each working day, or all of it where none is left; nothing where no money is asked for."""
        if money is None or not money["needed_vnd"]:
            return "milestone", {}
        if not money["working_days_left"]:
            return "milestone no_day_left", {"shortfall": self._billions(money["needed_vnd"])}
        need = {"need": self._billions(money["needed_per_working_day_vnd"])}
        return "milestone need", {**need, "working_days": str(money["working_days_left"])}

    def _billions(self, vnd: Any) -> str:
        return format_number(vnd / 10**9, "bn VND", self._lang)

    def late(self) -> Iterator[Line]:
        """Deliveries for which an item waits and that are not there after the day due."""
        agencies = rows_of(self._release, "dim_agency")
        for row in rows_of(self._release, "delivery_calendar"):
            if row["status"] != "late" or not row["items_waiting"]:
                continue
            suppliers = [part.strip() for part in row["supplier"].split(";")]
            codes = {a["agency_code"] for a in agencies if any(a["name_vi"].startswith(one) for one in suppliers)}
            contract = self._project.contracts.get(row["feed"])
            feed = row["feed"] if contract is None else getattr(contract, f"title_{self._lang}")
            waiting = [one.rpartition(" ") for one in row["items_waiting"].split(", ")]
            yield self._line(
                "late",
                "late waiting",
                [(directive, item) for directive, _, item in waiting],
                codes,
                supplier=row["supplier"],
                feed=feed,
                period=row["period"],
                due=row["due_on"],
                days_late=row["days_late"],
                items=row["items_waiting"],
            )

    def refused(self, home: Home) -> Iterator[Line]:
        """Deliveries that are not, or not whole, in the figures and touch a target."""
        for one in affecting_targets(home, self._project, self.day):
            items = ", ".join(f"{directive} {item}" for directive, item in one.targets)
            reason = one.reason.rstrip(".") + "."
            yield self._line(
                "refused", "refused", one.targets, file=one.file_name, feed=one.feed, reason=reason, items=items
            )

    def work_list(self, before: Release | None) -> Iterator[Line]:
        """How many rows are new on the work list, and what they are worth, by the agency whose task they are."""
        known = {row["case_id"] for row in rows_of(before, "nonstate_construction_omissions")} if before else set()
        new: dict[str, list[Row]] = {}
        for row in rows_of(self._release, "nonstate_construction_omissions"):
            is_new = row["case_id"] not in known if before else (row["released_on"] or self.day) >= self.day
            if is_new and row["answer"] is None:
                new.setdefault(row["agency_code"], []).append(row)
        for agency, rows in sorted(new.items(), key=lambda one: str(one[0])):
            value = sum(row["value_left_out_mn"] or 0 for row in rows)
            yield self._line(
                "work_list",
                "work",
                [],
                {agency},
                agency=rows[0]["agency_name_vi"] or agency,
                count=len(rows),
                value=format_number(value, "mn VND", self._lang),
            )

    def decisions(self, candidate: str | None) -> Iterator[Line]:
        """What waits for a person's word."""
        if candidate is not None:
            yield self._line("decisions", "candidate", [], release=candidate)

    def _line(
        self, section: str, codes: str, targets: Iterable[tuple[str, str]], agencies: Iterable[str] = (), **values: Any
    ) -> Line:
        concerned = {agency for key in targets for agency in self._leads.get(key, ())} | set(agencies)
        return Line(section, _say(self._lang, codes, **values), frozenset(concerned))

    def _named(self, card: Row) -> dict[str, Any]:
        return {"item": f"{card['directive']} {card['item']}", "title": card[f"title_{self._lang}"]}

    def _status(self, card: Row, status: str | None) -> str:
        return status_label({"status": status} if status != card["status"] else card, self._lang).plain


def affecting_targets(home: Home, project: Project, day: dt.date) -> list[Affected]:
    """Return deliveries that were refused, or of which rows were set apart, and that touch a target."""
    return [one for one in affected_deliveries(home, project, day) if one.targets]


def rows_of(release: Release, mart: str) -> list[dict[str, Any]]:
    """Return the rows of a mart of a release; none where an older release does not have it."""
    path = release.path / f"{mart}.parquet"
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
    return rows


def _say(lang: Language, codes: str, **values: Any) -> str:
    said = _phrases().say(lang, codes, json.dumps(values, default=str, ensure_ascii=False))
    return said or ""


@cache
def _phrases() -> Phrases:
    return load_phrases(Path(__file__).parent / "phrases", ["digest"])

"""What a person should know this morning, each line with the agencies that it concerns.

It says what the marts of a release say, what was refused, and what waits for a person. Nothing is worked out here, and
a release that says nothing new makes no line. No line names a person, a tax code or a plot.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from assets.affected_targets import Affected, affected_deliveries
from assets.product.figures import Language, format_money, format_number
from assets.product.marts import Marts, Row, rows_if_kept
from assets.product.morning import Milestone, Target, cards, changes, late_deliveries, milestones, offices_in_english
from assets.product.words import cause_words, judgement_words
from dbt_like_sql.phrases import Phrases, load_phrases
from dbt_like_sql.project import Project
from pipeline.office_lists import open_cases
from resources.home import Home
from resources.releases import Release, ReleaseStore

SECTIONS = ("changed", "milestones", "late", "refused", "work_list", "decisions")


@dataclass(frozen=True)
class DigestLine:
    """One thing to know: its section, its text, and the agencies that it concerns beside those that hear everything."""

    section: str
    text: str
    agencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Digest:
    """All that there is to say of a day."""

    day: dt.date
    lang: Language
    lines: tuple[DigestLine, ...]

    def for_agency(self, agency: str | None) -> Digest:
        """Return the lines of an agency; all of them where none is named."""
        if agency is None:
            return self
        return Digest(self.day, self.lang, tuple(line for line in self.lines if agency in line.agencies))

    @property
    def title(self) -> str:
        """What the message is called."""
        return _message(self.lang, "title", day=self.day)

    @property
    def text(self) -> str:
        """The whole of it, section by section; one sentence where there is nothing new."""
        if not self.lines:
            return _message(self.lang, "nothing", day=self.day)
        parts = []
        for section in SECTIONS:
            lines_of_section = [f"- {line.text}" for line in self.lines if line.section == section]
            if lines_of_section:
                parts.append("\n".join([_message(self.lang, f"section_{section}"), *lines_of_section]))
        return "\n\n".join(parts)


def morning_digest(
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
    sections = _Sections(project, release, lang)
    lines = [
        *sections.changed(since),
        *sections.milestones(),
        *sections.late(),
        *sections.refused(home),
        *sections.work_list(home, before),
        *sections.decisions(ReleaseStore(home.marts).candidate_id()),
    ]
    return Digest(sections.day, lang, tuple(lines))


class _Sections:
    """The lines of one release in one language."""

    def __init__(self, project: Project, release: Release, lang: Language) -> None:
        self._project = project
        self._release = release
        self._lang = lang
        self.day = dt.date.fromisoformat(release.manifest["as_of"])
        self._marts = Marts(release.path, project)
        self._cards = cards(self._marts)
        self._leads: dict[tuple[str, str], set[str]] = {}
        for row in rows_if_kept(release.path, "item_agencies"):
            if row["agency_role"] == "lead":
                self._leads.setdefault((row["directive"], row["item"]), set()).add(row["agency_code"])

    def changed(self, since: Sequence[Row]) -> Iterator[DigestLine]:
        """Items of which status or figure changed since the day before, and what no mart can know of it."""
        for row in [*(change.row for change in changes(self._marts)), *since]:
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
                cause=cause_words(row["cause"], self._lang),
            )

    def milestones(self) -> Iterator[DigestLine]:
        """Targets whose day is near, and what is needed on each working day where it is money."""
        for milestone in milestones(self._marts, self.day):
            card = milestone.card
            code, need = self._need(milestone)
            yield self._line(
                "milestones",
                code,
                [(card["directive"], card["item"])],
                **need,
                deadline=card["deadline_on"],
                days_left=card["days_left"],
                status=self._status(card, card["status"]),
                actual=format_number(card["actual"], card["unit"], self._lang),
                **self._named(card),
            )

    def _need(self, milestone: Milestone) -> tuple[str, dict[str, str]]:
        """What is needed on each working day, or all of it where none is left; nothing where no money is asked for."""
        money = milestone.need
        if money is None or not milestone.asks_for_money:
            return "milestone", {}
        if not milestone.has_a_day_left:
            return "milestone no_day_left", {"shortfall": format_money(money["needed_vnd"], lang=self._lang)}
        need = {"need": format_money(money["needed_per_working_day_vnd"], lang=self._lang)}
        return "milestone need", {**need, "working_days": str(money["working_days_left"])}

    def late(self) -> Iterator[DigestLine]:
        """Deliveries for which an item waits and that are not there after the day due."""
        english = offices_in_english(self._marts) if self._lang == "en" else {}
        for late in late_deliveries(self._marts):
            row = late.row
            yield self._line(
                "late",
                "late waiting",
                late.targets,
                late.agency_codes,
                supplier=english.get(row["supplier"], row["supplier"]),
                feed_vi=late.feed_vi,
                feed_en=late.feed_en,
                period=self._project.phrases.period(row["period"], self._lang),
                due=row["due_on"],
                days_late=row["days_late"],
                items=self._titles(late.targets),
            )

    def refused(self, home: Home) -> Iterator[DigestLine]:
        """Deliveries that are not, or not whole, in the figures and touch a target."""
        for one in affecting_targets(home, self._project, self.day):
            items = self._titles(one.targets)
            reason = one.reason.rstrip(".") + "."
            yield self._line(
                "refused", "refused", one.targets, file=one.file_name, feed=one.feed, reason=reason, items=items
            )

    def work_list(self, home: Home, before: Release | None) -> Iterator[DigestLine]:
        """How many cases are new on the work list, and what they are worth, by the agency whose task they are."""
        known = open_cases(home, before) if before else None
        new: dict[str, list[Mapping[str, str]]] = {}
        for case, details in (open_cases(home, self._release) or {}).items():
            if case not in known if known is not None else details["released_on"] >= self.day.isoformat():
                new.setdefault(details["agency_code"], []).append(details)
        names = {row["agency_code"]: row["name_vi"] for row in rows_if_kept(self._release.path, "dim_agency")}
        for agency, cases in sorted(new.items()):
            value = sum(Decimal(case["value_left_out_mn"]) for case in cases)
            yield self._line(
                "work_list",
                "work",
                [],
                {agency},
                agency=names.get(agency, agency),
                count=len(cases),
                value=format_number(value, "mn VND", self._lang),
            )

    def decisions(self, candidate: str | None) -> Iterator[DigestLine]:
        """What waits for a person's decision."""
        if candidate is not None:
            yield self._line("decisions", "candidate", [], release=candidate)

    def _line(
        self, section: str, codes: str, targets: Iterable[tuple[str, str]], agencies: Iterable[str] = (), **values: Any
    ) -> DigestLine:
        concerned = {agency for key in targets for agency in self._leads.get(key, ())} | set(agencies)
        return DigestLine(section, _message(self._lang, codes, **values), frozenset(concerned))

    def _named(self, card: Row) -> dict[str, Any]:
        return {"title": card[f"title_{self._lang}"]}

    def _titles(self, targets: Iterable[Target]) -> str:
        """The titles of some items; the code of one that the scorecard does not have."""
        shown = {target: self._cards[target][f"title_{self._lang}"] for target in targets if target in self._cards}
        return "; ".join(shown.get(target, " ".join(target)) for target in targets)

    def _status(self, card: Row, status: str | None) -> str:
        return judgement_words({"status": status} if status != card["status"] else card, self._lang)


def affecting_targets(home: Home, project: Project, day: dt.date) -> list[Affected]:
    """Return deliveries that were refused, or whose rows were quarantined, and that touch a target."""
    return [one for one in affected_deliveries(home, project, day) if one.targets]


def _message(lang: Language, codes: str, **values: Any) -> str:
    message = _phrases().message(lang, codes, json.dumps(values, default=str, ensure_ascii=False))
    return message or ""


@cache
def _phrases() -> Phrases:
    return load_phrases(Path(__file__).parent / "phrases", ["digest"])

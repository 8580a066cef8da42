"""From landed files to accepted rows: deliveries are read, judged, and accepted or rejected one by one.

The delivery is the unit of acceptance. What a delivery offers and what is wrong with it depends on its bytes,
its contract, its suite and this code alone, and is kept; whether it is accepted also depends on its
neighbours, on withdrawals and on waivers, and is decided anew each time. Rows in = accepted + rejected.

What is built upon is compared with its recorded digest, and made again from the landed file where it differs. A landed
file that is not what arrived cannot be made again: its feed stands still, with its last good tables, until it is.

Knows no Dagster. The order of the steps is that of the layers: `read_deliveries_of`, `offer_candidates`,
`accept_deliveries`.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.areas import areas_said, refusal_of
from assets.code_version import reading_code
from assets.layout import lay_out, nothings_apart
from assets.readers import Reading as FileReading
from assets.readers import ReadJob, read_deliveries
from assets.readers.raw import read_raw
from assets.rules import digest_of, rules_of_feed, rules_of_model
from dbt_like_sql.casts import cast_findings_sql, rounded_cells_sql, typed_rows_sql
from dbt_like_sql.contracts import Contract, Form
from dbt_like_sql.periods import parse_period
from dbt_like_sql.project import Project
from expectations.findings import findings_of
from expectations.report import Finding, SuiteReport
from expectations.suites import Suite
from resources.file_names import safe_name
from resources.files import read_sealed, replacing, write_sealed
from resources.home import Home
from resources.landing import UNRECOGNISED, LandingStore, Receipt
from resources.warehouse import LEDGER_COLUMNS, TableMissingError, TableState, Warehouse

WITHDRAWALS = "delivery_withdrawals"
WAIVERS = "finding_waivers"
ROWS_AT_A_TIME = 250_000
"""Rows of new deliveries judged together: few enough to keep memory small, many enough to judge rarely."""

_UNREAD = "it has not been read yet, or what was read of it has changed on the disk. Run the nightly job"
SEND_AGAIN = "Correct it and send the file again with the note r2 (or a higher number) at the end of its name."


@dataclass(frozen=True)
class Reading:
    """What reading a landed file brought: its raw cells, or the sentence why it cannot be read."""

    receipt: Receipt
    cells: Path | None
    refusal: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Audit:
    """What a delivery offers and what is wrong with it, before anybody decided on it.

    `errored` names rules that could not be judged, with the reason; such a delivery is not accepted.
    """

    receipt: Receipt
    rows_in: int | None
    rows: Path | None
    findings: tuple[Finding, ...] = ()
    errored: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None
    """Why it could not be read, or its name not be understood."""


@dataclass(frozen=True)
class Declarations:
    """Withdrawals and waivers in force on the day of the run, by file name."""

    withdrawn: Mapping[str, str]
    waived: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Decision:
    """What became of a delivery."""

    audit: Audit
    status: str
    reason: str | None
    findings: tuple[Finding, ...]
    waived: frozenset[str]
    bad_rows: frozenset[int] = frozenset()
    superseded: bool = False

    @property
    def is_refused_for_no_finding(self) -> bool:
        """Whether it is refused for something that no finding says: its name, its bytes, its neighbours."""
        grave = (f for f in self.findings if f.severity == "critical" and f.check not in self.waived)
        return self.status == "rejected" and next(grave, None) is None

    @property
    def rows_accepted(self) -> int | None:
        """Rows of the delivery that are in the validated table; None where it could not be read."""
        if self.audit.rows_in is None:
            return None
        return self.audit.rows_in - len(self.bad_rows) if self.status.startswith("accepted") else 0


@dataclass(frozen=True)
class Intake:
    """The stores and declarations that every step needs."""

    project: Project
    landing: LandingStore
    warehouse: Warehouse
    as_of: dt.date
    is_replay: bool = False
    """Whether a past day is decided on again, from what was read and judged then: that does not take in anything."""

    # ── landed files that are not what arrived ────────────────────────────────────────────────────────────

    def damaged(self, feed: str) -> dict[str, Reading]:
        """Return the landed deliveries of a feed that are not what arrived, with the sentence that says so, by id.

        As long as there is one, nothing of the feed is taken in: its last good tables stand.
        """
        known = {}
        if self.warehouse.state("ledger", feed) is not None:
            rows = self.warehouse.read("ledger", feed).to_pylist()
            # What has no period was refused for its name, or turned away and never landed, also if it was withdrawn.
            known = {r["delivery_id"]: r["source_file"] for r in rows if r["status"] != "rejected" and r["period"]}
        damaged = self.landing.damaged(feed, known, self.warehouse.digest_of)
        return {receipt.delivery_id: Reading(receipt, None, sentence, {}) for receipt, sentence in damaged.items()}

    def _stands_still(self, feed: str, *needed: str) -> bool:
        """Whether nothing of a feed is taken in. Raises TableMissingError if a table that should stand does not."""
        damaged = {} if self.is_replay else self.damaged(feed)
        for layer in needed if damaged else ():
            if self.warehouse.state(layer, feed) is None:
                reasons = " ".join(str(reading.refusal) for reading in damaged.values())
                raise TableMissingError(f"{layer}/{feed} {self.warehouse.why_unbuilt(layer, feed)}. {reasons}")
        return bool(damaged)

    # ── raw ───────────────────────────────────────────────────────────────────────────────────────────────

    def read_deliveries_of(
        self, feed: str, read: Callable[[Sequence[ReadJob]], Iterable[FileReading]] = read_deliveries
    ) -> list[Reading]:
        """Read every landed delivery of a feed that has not been read by this code; return all readings.

        Nothing is read while a landed file of the feed is damaged. Raises TableMissingError if a replay needs one.
        """
        contract = self.project.contracts[feed]
        receipts = self.landing.receipts(feed)
        damaged = {} if self.is_replay else self.damaged(feed)
        if damaged:
            kept = [reading for reading in self._readings(feed) if reading.receipt.delivery_id not in damaged]
            return [*kept, *damaged.values()]
        fingerprints = {r.delivery_id: self._reading_fingerprint(contract, r) for r in receipts}
        notes = {r.delivery_id: self._note("raw", r) for r in receipts}
        unread = [
            receipt
            for receipt in receipts
            if receipt.refusal is None
            and (notes[receipt.delivery_id] or {}).get("fingerprint") != fingerprints[receipt.delivery_id]
        ]
        needed = self.damaged(feed) if self.is_replay and unread else {}
        for receipt in unread:
            if receipt.delivery_id in needed:
                raise TableMissingError(str(needed[receipt.delivery_id].refusal))
        jobs = [
            ReadJob(
                delivery_id=receipt.delivery_id,
                source=self.landing.file_of(receipt),
                form=dataclasses.asdict(contract.forms[receipt.extension]),
                destination=self._place("raw", receipt),
                source_file=receipt.file_name,
            )
            for receipt in unread
        ]
        for job in jobs:
            job.destination.parent.mkdir(parents=True, exist_ok=True)
        by_id = {receipt.delivery_id: receipt for receipt in unread}
        for reading in read(jobs):
            receipt = by_id[reading.delivery_id]
            facts = {
                "physical_rows": reading.physical_rows,
                "parsed_rows": reading.parsed_rows,
                "sheets": list(reading.sheets),
            }
            note = {"fingerprint": fingerprints[receipt.delivery_id], "refusal": reading.refusal, "facts": facts}
            notes[receipt.delivery_id] = self._keep_note("raw", receipt, note, has_file=reading.refusal is None)
        return [self._reading(receipt, notes[receipt.delivery_id]) for receipt in receipts]

    def _readings(self, feed: str) -> list[Reading]:
        return [self._reading(receipt, self._note("raw", receipt)) for receipt in self.landing.receipts(feed)]

    def _reading(self, receipt: Receipt, note: Mapping[str, Any] | None) -> Reading:
        if receipt.refusal is not None:
            return Reading(receipt, None, receipt.refusal, {})
        if note is None:
            return Reading(receipt, None, _UNREAD, {})
        cells = self._place("raw", receipt) if note["refusal"] is None else None
        return Reading(receipt, cells, note["refusal"], note["facts"])

    def _reading_fingerprint(self, contract: Contract, receipt: Receipt) -> str:
        form = contract.forms.get(receipt.extension)
        return _digest(receipt.delivery_id, repr(form), reading_code())

    # ── candidates ────────────────────────────────────────────────────────────────────────────────────────

    def offer_candidates(self, feed: str) -> list[Audit]:
        """Lay out, cast and judge what is new; write the table of candidates; return the audits of all.

        Candidates are the rows of deliveries that broke no critical rule of their own and are not withdrawn.
        """
        if self._stands_still(feed, "candidates"):
            return self.audits_of(feed)
        contract = self.project.contracts[feed]
        suite = rules_of_feed(self.project, feed)
        readings = self._all_read(feed)
        notes = {reading.receipt.delivery_id: self._note("candidates", reading.receipt) for reading in readings}
        fingerprints = {
            reading.receipt.delivery_id: _digest(
                self._reading_fingerprint(contract, reading.receipt),
                self.project.contract_digests[feed],
                digest_of(suite),
                *(seed.digest for seed in self.project.seeds.values()),
            )
            for reading in readings
        }
        unjudged = [
            reading
            for reading in readings
            if reading.refusal is None
            and (notes[reading.receipt.delivery_id] or {}).get("fingerprint")
            != fingerprints[reading.receipt.delivery_id]
        ]
        for some in _by_rows(unjudged):
            for audit in self._judge(contract, suite, some):
                delivery_id = audit.receipt.delivery_id
                notes[delivery_id] = self._keep_audit(audit, fingerprints[delivery_id])
        audits = [self._audit(reading, notes[reading.receipt.delivery_id]) for reading in readings]
        self._write_candidates(contract, audits)
        return audits

    def _judge(self, contract: Contract, suite: Suite, readings: Sequence[Reading]) -> list[Audit]:
        """Lay out each delivery, then cast and judge all of them together: a query costs more than its rows."""
        laid_out = [self._laid_out(contract, reading) for reading in readings]
        typed: list[pa.Table] = []
        findings: list[Finding] = []
        rounded: dict[str, int] = {}
        for extension, form in contract.forms.items():
            tables = [rows for audit, rows in laid_out if rows is not None and audit.receipt.extension == extension]
            if tables:
                offered = nothings_apart(pa.concat_tables(tables), [rule.name for rule in contract.fields])
                some, broken = self._cast(contract, form, offered)
                typed.append(some)
                findings += broken
                rounded |= self._rounded(contract, form, offered)
        if not typed:
            return [audit for audit, _ in laid_out]
        table = pa.concat_tables(typed)
        areas = areas_said(self.project, contract, table)
        report = _judge_with(suite, table)
        table = table.sort_by([(name, "ascending") for name in dict.fromkeys(_ORDER_OF_ROWS + contract.key)])
        names = {audit.receipt.delivery_id: audit.receipt.file_name for audit, rows in laid_out if rows is not None}
        said = [*findings, *(finding for audit, _ in laid_out for finding in audit.findings)]
        findings += _not_said_twice(findings_of(report, contract.feed, names), said)
        errored = {r.check: r.error or "it could not be judged" for r in report.results if r.outcome == "errored"}
        return [
            self._with_rows(_counted(audit, rounded, areas), table, findings, errored) if rows is not None else audit
            for audit, rows in laid_out
        ]

    def _laid_out(self, contract: Contract, reading: Reading) -> tuple[Audit, pa.Table | None]:
        """Return what the layout found in a delivery, and its rows as text (None: there are none)."""
        receipt, form = reading.receipt, contract.forms[reading.receipt.extension]
        assert reading.cells is not None
        offered = lay_out(read_raw(reading.cells), contract, form, self.project.fields)
        findings = tuple(dataclasses.replace(f, delivery_id=receipt.delivery_id) for f in offered.findings)
        facts = {**reading.facts, "rows_set_aside": dict(offered.rows_set_aside)}
        audit = Audit(receipt, offered.rows_in, None, findings, facts=facts)
        return audit, _with_delivery(offered.rows, receipt) if offered.rows.num_rows else None

    def _cast(self, contract: Contract, form: Form, offered: pa.Table) -> tuple[pa.Table, list[Finding]]:
        """Return typed rows, and a finding for each cell that is not what its field promises."""
        fields = dict(self.project.fields)
        typed = self.warehouse.query(typed_rows_sql(contract, form, fields, "offered"), offered=offered)
        if all(typed.column(rule.name).null_count == offered.column(rule.name).null_count for rule in contract.fields):
            return typed, []
        broken = self.warehouse.query(cast_findings_sql(contract, form, fields, "offered"), offered=offered)
        return typed, [_cast_finding(contract.feed, form, row) for row in broken.to_pylist()]

    def _rounded(self, contract: Contract, form: Form, offered: pa.Table) -> dict[str, int]:
        """Return how many cells of each delivery were binary noise that the casts rounded away."""
        if form.source_precision != "binary_float":
            return {}
        sql = rounded_cells_sql(contract, form, dict(self.project.fields), "offered")
        counted = self.warehouse.query(sql, offered=offered).to_pylist()
        return {row["delivery_id"]: row["cells_rounded"] for row in counted}

    def _with_rows(
        self, audit: Audit, table: pa.Table, findings: Sequence[Finding], errored: Mapping[str, str]
    ) -> Audit:
        """Keep the typed rows of a delivery, and what was found in them."""
        receipt = audit.receipt
        rows = table.filter(pc.equal(table.column("delivery_id"), receipt.delivery_id))
        place = self._place("candidates", receipt)
        self.warehouse.write_table(place, rows)
        return dataclasses.replace(
            audit, rows=place, findings=(*audit.findings, *_of_delivery(findings, receipt.delivery_id)), errored=errored
        )

    def _keep_audit(self, audit: Audit, fingerprint: str) -> dict[str, Any]:
        note = {
            "fingerprint": fingerprint,
            "rows_in": audit.rows_in,
            "has_rows": audit.rows is not None,
            "findings": [finding.to_dict() for finding in audit.findings],
            "errored": dict(audit.errored),
            "facts": dict(audit.facts),
        }
        return self._keep_note("candidates", audit.receipt, note, has_file=audit.rows is not None)

    def _audit(self, reading: Reading, note: Mapping[str, Any] | None) -> Audit:
        if reading.refusal is not None:
            return Audit(reading.receipt, None, None, refusal=reading.refusal)
        if note is None:
            return Audit(reading.receipt, None, None)
        return Audit(
            receipt=reading.receipt,
            rows_in=note["rows_in"],
            rows=self._place("candidates", reading.receipt) if note["has_rows"] else None,
            findings=tuple(Finding.from_dict(finding) for finding in note["findings"]),
            errored=note["errored"],
            facts=note["facts"],
        )

    def audits_of(self, feed: str) -> list[Audit]:
        """Return what is known of every delivery of a feed, without judging anything anew."""
        return [self._audit(reading, self._note("candidates", reading.receipt)) for reading in self._readings(feed)]

    def _write_candidates(self, contract: Contract, audits: Sequence[Audit]) -> None:
        declarations = self.declarations(contract.feed)
        self._settle_area(contract, audits, declarations)
        first = [self._decide_alone(contract, audit, declarations) for audit in audits]
        self._write_rows("candidates", contract, [d for d in first if d.status.startswith("accepted")])

    def _settle_area(self, contract: Contract, audits: Sequence[Audit], declarations: Declarations) -> None:
        """Give a home that has no area that of most of the good deliveries of the first feed that says one."""
        home = Home(self.warehouse.root)
        if home.area is not None or home.holds_several_areas:
            return
        said = Counter(
            audit.facts["areas"][0]
            for audit in audits
            if audit.facts.get("areas")
            and self._decide_alone(contract, audit, declarations).status.startswith("accepted")
        )
        if said:
            home.remember(area=said.most_common(1)[0][0])

    def _refusal_of_area(self, audit: Audit) -> str | None:
        home = Home(self.warehouse.root)
        return None if home.holds_several_areas else refusal_of(self.project, audit.facts, home.area)

    # ── validated ─────────────────────────────────────────────────────────────────────────────────────────

    def accept_deliveries(self, feed: str, rule_findings: Iterable[Finding]) -> list[Decision]:
        """Decide on every delivery of a feed; write the validated rows, the rejects and the ledger.

        `rule_findings` are the findings of the delivery rules (audit models over the candidates). While a landed file
        of the feed is damaged nothing is written. Raises TableMissingError if a delivery has not been read and judged.
        """
        contract = self.project.contracts[feed]
        stands_still = self._stands_still(feed, "validated", "ledger", "rejects")
        if not stands_still:
            self._all_judged(feed)
        declarations = self.declarations(feed)
        found = list(rule_findings)
        audits = [
            dataclasses.replace(a, findings=(*a.findings, *_of_delivery(found, a.receipt.delivery_id)))
            for a in self.audits_of(feed)
        ]
        decisions = [self._decide_alone(contract, audit, declarations) for audit in audits]
        decisions = self._refuse_contradicting(contract, decisions)
        if stands_still:
            return decisions
        self._write_rows("validated", contract, [d for d in decisions if d.status.startswith("accepted")])
        decisions = self._mark_superseded(contract, decisions)
        self._write_rejects(feed, decisions)
        self._write_ledger(contract, decisions)
        self._note_settled(feed)
        return decisions

    # ── whether anything is left to do ────────────────────────────────────────────────────────────────────

    def is_settled(self, feed: str) -> bool:
        """Whether all that landed of a feed was decided on, by rules and declarations that still hold."""
        state = self.warehouse.state("validated", feed)
        return state is not None and state.facts.get("settled") == self._settled_fingerprint(feed, state.facts)

    def _note_settled(self, feed: str) -> None:
        state = self.warehouse.state("validated", feed)
        assert state is not None
        rows = self.warehouse.read("validated", feed, ["released_on"]).column("released_on")
        days = sorted(day.isoformat() for day in pc.unique(rows).to_pylist() if day is not None)
        facts = {**state.facts, "released_on": days, "area": Home(self.warehouse.root).area}
        facts["settled"] = self._settled_fingerprint(feed, facts)
        if facts != state.facts:
            self.warehouse.record("validated", feed, dataclasses.replace(state, facts=facts))

    def _settled_fingerprint(self, feed: str, facts: Mapping[str, Any]) -> str:
        """Everything that decides on the deliveries of a feed. Of the day only what it lets see of them."""
        home = Home(self.warehouse.root)
        # A feed that was settled before its home had an area says none: whichever the home takes, it stays settled.
        area = home.area if facts.get("area") else None
        day = self.as_of.isoformat()
        receipts = self.landing.receipts(feed)
        declarations = self.declarations(feed)
        rules = self.project.delivery_rules(feed)
        return _digest(
            reading_code(),
            self.project.contract_digests[feed],
            digest_of(rules_of_feed(self.project, feed)),
            *(seed.digest for seed in self.project.seeds.values()),
            *(f"{rule.digest} {digest_of(rules_of_model(self.project, rule))}" for rule in rules),
            repr(sorted(declarations.withdrawn.items())),
            repr(sorted(declarations.waived.items())),
            f"{area} {home.holds_several_areas}",
            *(receipt.delivery_id for receipt in receipts),
            str(sum(self._is_known(receipt) for receipt in receipts)),
            max((known for known in facts.get("released_on", ()) if known <= day), default=""),
        )

    def declarations(self, feed: str) -> Declarations:
        """Return withdrawals and waivers in force; the feeds that declare them are not subject to them."""
        if feed in (WITHDRAWALS, WAIVERS):
            return Declarations({}, {})
        withdrawn = {
            row["delivery_file"]: f"withdrawn on {row['withdrawn_on']} by {row['officer']}: {row['reason']}"
            for row in self._declared(WITHDRAWALS, "withdrawn_on")
        }
        waived = {
            (row["delivery_file"], row["rule"]): f"waived on {row['waived_on']} by {row['officer']}: {row['reason']}"
            for row in self._declared(WAIVERS, "waived_on")
        }
        return Declarations(withdrawn, waived)

    def _declared(self, feed: str, day: str) -> list[dict[str, Any]]:
        if feed not in self.project.contracts or not self.warehouse.was_built("validated", feed):
            return []
        rows = self.warehouse.read("validated", feed).to_pylist()
        return [row for row in rows if row[day] <= self.as_of and row["released_on"] <= self.as_of]

    def _decide_alone(self, contract: Contract, audit: Audit, declarations: Declarations) -> Decision:
        """Decide on a delivery by what is known of it alone."""
        receipt = audit.receipt
        findings = audit.findings
        waived = frozenset(f.check for f in findings if (receipt.file_name, f.check) in declarations.waived)
        critical = [f for f in findings if f.severity == "critical" and f.check not in waived]
        warned = _warned([f for f in findings if f.severity == "warning" and f.check not in waived])

        def decision(status: str, reason: str | None, bad_rows: frozenset[int] = frozenset()) -> Decision:
            return Decision(audit, status, reason, findings, waived, bad_rows)

        if receipt.file_name in declarations.withdrawn:
            return decision("withdrawn", declarations.withdrawn[receipt.file_name])
        if audit.refusal is not None:
            return decision("rejected", audit.refusal)
        if (of_another_area := self._refusal_of_area(audit)) is not None:
            return decision("rejected", of_another_area)
        if audit.errored:
            check, error = next(iter(sorted(audit.errored.items())))
            return decision("rejected", f"the rule {check} could not be judged: {error}")
        bad_rows = frozenset(f.source_row for f in critical if f.source_row is not None)
        of_the_whole = [f for f in critical if f.source_row is None]
        share = len(bad_rows) / audit.rows_in if audit.rows_in else 1.0
        may_split = contract.on_bad_rows == "quarantine" and not of_the_whole and share <= contract.max_bad_row_share
        if audit.rows is None or (critical and not may_split):
            return decision("rejected", _in_words(critical) or "it holds no rows. " + SEND_AGAIN)
        if bad_rows:
            reason = f"{len(bad_rows)} of {audit.rows_in} rows set apart: {_in_words(critical)}"
            return decision("accepted_in_part", " ".join([reason, *warned]), bad_rows)
        notes = [declarations.waived[receipt.file_name, check] for check in sorted(waived)]
        return decision("accepted", "; ".join([*notes, *warned]) or None)

    def _refuse_contradicting(self, contract: Contract, decisions: list[Decision]) -> list[Decision]:
        """Refuse deliveries that speak differently of the same thing on the same day under the same number."""
        groups: dict[tuple[object, ...], list[Decision]] = {}
        for decision in decisions:
            receipt = decision.audit.receipt
            if decision.status.startswith("accepted"):
                groups.setdefault((receipt.period, receipt.released_on, receipt.revision), []).append(decision)
        refused: dict[str, str] = {}
        for group in groups.values():
            if len({decision.audit.receipt.sha256 for decision in group}) > 1:
                refused |= self._contradictions(contract, group)
        return [
            dataclasses.replace(decision, status="rejected", reason=reason, bad_rows=frozenset())
            if (reason := refused.get(decision.audit.receipt.delivery_id))
            else decision
            for decision in decisions
        ]

    def _contradictions(self, contract: Contract, group: Sequence[Decision]) -> dict[str, str]:
        receipts = [decision.audit.receipt for decision in group]
        same_name = [name for name, n in Counter(r.file_name for r in receipts).items() if n > 1]
        sharing = {r.delivery_id for r in receipts if r.file_name in same_name}
        paths = ", ".join(f"'{decision.audit.rows}'" for decision in group)
        key = ", ".join(contract.key)
        shared = self.warehouse.query(
            f"""
            with rows_offered as (select delivery_id, {key} from read_parquet([{paths}])),
            shared as (select {key} from rows_offered group by {key} having count(distinct delivery_id) > 1)
            select distinct delivery_id from rows_offered inner join shared using ({key})
            """
        )
        sharing |= set(shared.column("delivery_id").to_pylist())
        names = ", ".join(sorted(f"{r.file_name} ({r.delivery_id})" for r in receipts if r.delivery_id in sharing))
        reason = (
            f"two differing deliveries speak of the same period and were released on the same day: {names}. "
            "Both are refused, because nobody can say which one holds. " + SEND_AGAIN
        )
        return dict.fromkeys(sharing, reason)

    def _mark_superseded(self, contract: Contract, decisions: list[Decision]) -> list[Decision]:
        """Mark deliveries of which nothing is left: every row restated, or a later snapshot of their period there."""
        known = [d for d in decisions if d.status.startswith("accepted") and self._is_known(d.audit.receipt)]
        if contract.row_released_on or len(known) < 2:
            return decisions
        left = self._in_force(contract)

        def is_superseded(decision: Decision) -> bool:
            if decision not in known:
                return False
            replaced = contract.kind == "snapshot" and any(_replaces(other, decision) for other in known)
            return replaced or (bool(decision.rows_accepted) and decision.audit.receipt.delivery_id not in left)

        return [dataclasses.replace(d, superseded=is_superseded(d)) for d in decisions]

    def _in_force(self, contract: Contract) -> set[str]:
        """Deliveries that have the last word on anything: validated rows stand in the order of their release."""
        columns = list(dict.fromkeys(["delivery_id", "released_on", *contract.key]))
        with pq.ParquetFile(self.warehouse.path("validated", contract.feed)) as file:
            rows = file.read(columns)
        rows = rows.filter(pc.less_equal(rows.column("released_on"), self.as_of))
        rows = rows.append_column("place", pa.array(range(rows.num_rows), pa.int64()))
        last = rows.group_by(contract.key).aggregate([("place", "max")]).column("place_max")
        return set(pc.unique(rows.column("delivery_id").take(last)).to_pylist())

    def _is_known(self, receipt: Receipt) -> bool:
        return receipt.released_on is not None and receipt.released_on <= self.as_of

    # ── what is written ───────────────────────────────────────────────────────────────────────────────────

    def _write_rows(self, layer: str, contract: Contract, decisions: Sequence[Decision]) -> None:
        """Write the rows of some deliveries, without their bad rows, as one table in the order of release.

        Nothing is written where the table stands there already, made from the same things; what was validated is most
        often what was offered, and is copied.
        """
        released = sorted(decisions, key=lambda d: _release(d.audit.receipt))
        parts = repr([(d.audit.receipt.delivery_id, sorted(d.bad_rows)) for d in released])
        fingerprint = _digest(parts, self.project.contract_digests[contract.feed], reading_code())
        before = self.warehouse.state(layer, contract.feed)
        if before is not None and before.fingerprint == fingerprint:
            return
        self.warehouse.forget(layer, contract.feed)
        path = self.warehouse.path(layer, contract.feed)
        offered = self.warehouse.state("candidates", contract.feed)
        if offered is not None and offered.fingerprint == fingerprint:
            rows = offered.rows
            with replacing(path) as temporary:
                shutil.copyfile(self.warehouse.path("candidates", contract.feed), temporary)
        elif released:
            batches = chain.from_iterable(map(_good_rows, released))
            rows = self.warehouse.write_batches(path, pq.read_schema(released[0].audit.rows), batches)
        else:
            nothing = self.warehouse.empty_relation("validated", contract.feed)
            rows = self.warehouse.write_query(path, f"select * from {nothing}")
        self._recorded(layer, contract.feed, fingerprint, rows)

    def _recorded(self, layer: str, table: str, fingerprint: str, rows: int) -> None:
        content = self.warehouse.digest_of(self.warehouse.path(layer, table))
        self.warehouse.record(layer, table, TableState(fingerprint, content, rows, self.as_of.isoformat()))

    def _write_rejects(self, feed: str, decisions: Sequence[Decision]) -> None:
        """Write all findings as a table, and for each supplier a CSV of what was found in a file."""
        rows = [
            {
                **{name: getattr(finding, name) for name in ("feed", "source_sheet", "source_row", "severity")},
                "delivery_id": decision.audit.receipt.delivery_id,
                "source_file": decision.audit.receipt.file_name,
                "rule": finding.check,
                "column_name": finding.column,
                "value_text": finding.value,
                "sentence": finding.sentence,
                "next_step": finding.next_step,
                "waived": finding.check in decision.waived,
            }
            for decision in decisions
            for finding in decision.findings
        ]
        self._write_ledger_table("rejects", "findings", feed, rows)
        for decision in decisions:
            self._write_supplier_csv(feed, decision)

    def _write_supplier_csv(self, feed: str, decision: Decision) -> None:
        path = supplier_csv(self.warehouse, feed, decision.audit.receipt)
        if not decision.findings and decision.status != "rejected":
            path.unlink(missing_ok=True)
            return
        header = ("file", "sheet", "row", "rule", "severity", "column", "value", "what_is_wrong", "next_step")
        name = decision.audit.receipt.file_name
        lines: list[tuple[object, ...]] = [
            (name, f.source_sheet, f.source_row, f.check, f.severity, f.column, f.value, f.sentence, f.next_step)
            for f in decision.findings
        ]
        if decision.is_refused_for_no_finding:
            lines.append((name, None, None, "delivery", "critical", None, None, decision.reason, SEND_AGAIN))
        with replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)

    def _write_ledger(self, contract: Contract, decisions: Sequence[Decision]) -> None:
        rows = [self._ledger_row(contract.feed, contract.supplier, decision) for decision in decisions]
        for row, decision in zip(rows, decisions, strict=True):
            if contract.row_released_on and decision.audit.rows is not None:
                row["released_on"] = self._collected_until(decision, row["released_on"])
        self._write_ledger_table("ledger", "deliveries", contract.feed, rows)

    def _collected_until(self, decision: Decision, named: dt.date) -> dt.date:
        """The day up to which a collection is known: its last row said by `as_of`, or the day in its name."""
        days = pq.read_table(decision.audit.rows, columns=["released_on"]).column("released_on").to_pylist()
        known = [day for day in days if day is not None and day <= self.as_of]
        return min(named, max(known)) if known else named

    def _ledger_row(self, feed: str, supplier: str, decision: Decision) -> dict[str, Any]:
        receipt = decision.audit.receipt
        counted = [finding for finding in decision.findings if finding.check not in decision.waived]
        severities = Counter(finding.severity for finding in counted)
        rows_in, accepted = decision.audit.rows_in, decision.rows_accepted
        return {
            "delivery_id": receipt.delivery_id,
            "feed": feed,
            "source_file": receipt.file_name,
            "supplier": supplier,
            "period": receipt.period,
            "released_on": receipt.released_on,
            "revision": receipt.revision,
            "note": receipt.note or None,
            "status": decision.status,
            "is_superseded": decision.superseded,
            "reason": decision.reason,
            "rows_in": rows_in,
            "rows_accepted": accepted,
            "rows_rejected": None if rows_in is None or accepted is None else rows_in - accepted,
            "findings_critical": severities["critical"] + int(decision.is_refused_for_no_finding),
            "findings_warning": severities["warning"],
            "findings_waived": len(decision.findings) - len(counted),
            "is_simulated": receipt.is_simulated,
        }

    def record_unrecognised(self) -> list[Decision]:
        """Write the ledger of what lies under no known feed, once withdrawals are known; return what became of it."""
        receipts = self.landing.receipts(UNRECOGNISED)
        withdrawn = self.declarations(UNRECOGNISED).withdrawn
        decisions = [
            Decision(Audit(receipt, None, None), "withdrawn", withdrawn[receipt.file_name], (), frozenset())
            if receipt.file_name in withdrawn
            else Decision(Audit(receipt, None, None), "rejected", receipt.refusal, (), frozenset())
            for receipt in receipts
        ]
        rows = [self._ledger_row(UNRECOGNISED, "", decision) for decision in decisions]
        self._write_ledger_table("ledger", "deliveries", UNRECOGNISED, rows)
        return decisions

    def _write_ledger_table(self, layer: str, kind: str, name: str, rows: list[dict[str, Any]]) -> None:
        columns = LEDGER_COLUMNS[kind]
        fields = self.project.fields
        schema = pa.schema([(column, _ARROW_TYPES[fields[column].type]) for column in columns])
        table = pa.Table.from_pylist([{c: row.get(c) for c in columns} for row in rows], schema=schema)
        order = [("delivery_id", "ascending")]
        if kind == "findings":
            order += [("source_row", "ascending"), ("rule", "ascending"), ("column_name", "ascending")]
        table = table.sort_by(order)
        content = hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()
        before = self.warehouse.state(layer, name)
        if before is None or before.fingerprint != content:
            self.warehouse.forget(layer, name)
            self.warehouse.write_table(self.warehouse.path(layer, name), table)
            self._recorded(layer, name, content, table.num_rows)

    # ── places and notes ──────────────────────────────────────────────────────────────────────────────────

    def _place(self, layer: str, receipt: Receipt) -> Path:
        return self.warehouse.root / layer / receipt.feed / f"{receipt.delivery_id}.parquet"

    def _note(self, layer: str, receipt: Receipt) -> dict[str, Any] | None:
        """What is noted of a delivery in a layer; None where nothing is, or its file is not the one noted."""
        place = self._place(layer, receipt)
        note: dict[str, Any] | None = read_sealed(place.with_suffix(".json"))
        if note is None or (note["content"] is not None and note["content"] != self.warehouse.digest_of(place)):
            return None
        return note

    def _keep_note(self, layer: str, receipt: Receipt, facts: Mapping[str, Any], *, has_file: bool) -> dict[str, Any]:
        place = self._place(layer, receipt)
        note = {**facts, "content": self.warehouse.digest_of(place) if has_file else None}
        write_sealed(place.with_suffix(".json"), note)
        return note

    def _all_read(self, feed: str) -> list[Reading]:
        """The readings of a feed. Raises TableMissingError if one is not there, or not as it was."""
        readings = self._readings(feed)
        unread = [reading.receipt.file_name for reading in readings if reading.refusal == _UNREAD]
        if unread:
            raise TableMissingError(f"{feed}, {', '.join(unread)}: {_UNREAD}, or raw/{feed}, first.")
        return readings

    def _all_judged(self, feed: str) -> None:
        """Raises TableMissingError if what a readable delivery offers is not there, or not as it was."""
        for reading in self._all_read(feed):
            if reading.refusal is None and self._note("candidates", reading.receipt) is None:
                raise TableMissingError(
                    f"{feed}, {reading.receipt.file_name}: it has not been judged yet, or what it offered has changed "
                    f"on the disk. Run the nightly job, or candidates/{feed}, first."
                )


def supplier_csv(warehouse: Warehouse, feed: str, receipt: Receipt) -> Path:
    """Return where the findings of a delivery are written for its supplier."""
    return warehouse.root / "rejects" / feed / f"{safe_name(receipt.file_name)}.{receipt.delivery_id}.csv"


_ARROW_TYPES = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


def _judge_with(suite: Suite, table: pa.Table) -> SuiteReport:
    # Imported here because it imports Great Expectations, which costs seconds: only when there is news.
    from expectations.runner import judge

    # Every failing row is named: rows are accepted or rejected one by one.
    return judge(suite, table, row_limit=None)


def _by_rows(readings: Sequence[Reading]) -> Iterable[list[Reading]]:
    """Group readings so that each group holds a bounded number of rows."""
    group: list[Reading] = []
    rows = 0
    for reading in readings:
        size = int(reading.facts.get("parsed_rows") or 0)
        if group and rows + size > ROWS_AT_A_TIME:
            yield group
            group, rows = [], 0
        group.append(reading)
        rows += size
    if group:
        yield group


def _with_delivery(rows: pa.Table, receipt: Receipt) -> pa.Table:
    count = rows.num_rows
    facts = {
        "delivered_on": pa.scalar(receipt.released_on, pa.date32()),
        "revision": pa.scalar(receipt.revision, pa.int32()),
        "is_simulated": pa.scalar(receipt.is_simulated, pa.bool_()),
    }
    for name, value in facts.items():
        column = pa.repeat(value, count)
        if name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), name, column)
        else:
            rows = rows.append_column(name, column)
    return rows


def _counted(audit: Audit, rounded: Mapping[str, int], areas: Mapping[str, Mapping[str, list[str]]]) -> Audit:
    delivery_id = audit.receipt.delivery_id
    counted = {"cells_rounded": rounded[delivery_id]} if delivery_id in rounded else {}
    return dataclasses.replace(audit, facts={**audit.facts, **counted, **areas.get(delivery_id, {})})


_ORDER_OF_ROWS = ("released_on", "revision", "delivery_id", "source_row")
"""Rows stand in tables in the order of their release, by columns that are followed by the key of the contract."""


def _release(receipt: Receipt) -> tuple[dt.date, int, str]:
    """The order of deliveries in tables; of equal things the later release has the last word."""
    return receipt.released_on or dt.date.min, receipt.revision, receipt.delivery_id


def _good_rows(decision: Decision) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an accepted delivery without its bad ones."""
    bad = pa.array(sorted(decision.bad_rows), pa.int64())
    with pq.ParquetFile(decision.audit.rows) as file:
        for batch in file.iter_batches():
            yield batch.filter(pc.invert(pc.is_in(batch.column("source_row"), bad))) if len(bad) else batch


def _replaces(later: Decision, earlier: Decision) -> bool:
    """Whether a snapshot was released after another one and speaks of all of its period."""
    new, old = later.audit.receipt, earlier.audit.receipt
    if new.released_on is None or old.released_on is None or new.period is None or old.period is None:
        return False
    later_one, earlier_one = parse_period(new.period), parse_period(old.period)
    covers = later_one.first_day <= earlier_one.first_day and later_one.last_day >= earlier_one.last_day
    return covers and (new.released_on, new.revision) > (old.released_on, old.revision)


def _not_said_twice(of_rules: Iterable[Finding], said: Iterable[Finding]) -> list[Finding]:
    """Findings without those that only say that a cell is empty which could not be cast, or whose column is missing."""
    cells: set[tuple[str | None, int | None, str | None]] = set()
    missing: set[tuple[str | None, str]] = set()
    for f in said:
        cells.add((f.delivery_id, f.source_row, f.column))
        if f.check == "required_columns_are_present":
            missing |= {(f.delivery_id, column) for column in _columns_of(f)}
    return [
        f
        for f in of_rules
        if not any((f.delivery_id, column) in missing for column in _columns_of(f))
        and (f.check != f"{f.column}_is_given" or (f.delivery_id, f.source_row, f.column) not in cells)
    ]


def _columns_of(finding: Finding) -> list[str]:
    return finding.column.split(", ") if finding.column else []


def _cast_finding(feed: str, form: Form, row: Mapping[str, Any]) -> Finding:
    numbers = "1.234.567,89" if form.numbers == "vi" else "1234567.89"
    dates = " or ".join({"iso": "2024-10-01", "dmy": "01/10/2024"}[style] for style in form.dates)
    wrong = {
        "is_a_number": f"is no number; numbers are written like {numbers}",
        "has_no_surplus_decimals": "has more decimals than this field keeps, and nothing is rounded in silence",
        "fits_its_type": "is too large for this field",
        "is_a_date": f"is no date; dates are written like {dates}",
        "is_true_or_false": "is neither true nor false",
    }[row["check_name"]]
    where = (
        f"sheet '{row['source_sheet']}', row {row['source_row']}" if row["source_sheet"] else f"row {row['source_row']}"
    )
    return Finding(
        feed=feed,
        delivery_id=row["delivery_id"],
        source_file=row["source_file"],
        source_sheet=row["source_sheet"],
        source_row=row["source_row"],
        check=row["check_name"],
        severity="critical",
        column=row["column_name"],
        value=row["value_text"],
        sentence=(
            f"{feed}, delivery {row['source_file']}, {where}: {row['column_name']} '{row['value_text']}' {wrong}."
        ),
        next_step=SEND_AGAIN,
    )


def _of_delivery(findings: Iterable[Finding], delivery_id: str) -> list[Finding]:
    return [finding for finding in findings if finding.delivery_id == delivery_id]


def told(finding: Finding) -> str:
    """What is wrong, and the rule that says so: a waiver names it."""
    return f"{finding.sentence} [rule {finding.check}]"


def _in_words(findings: Sequence[Finding]) -> str:
    """The first finding in full, and how many more there are."""
    if not findings:
        return ""
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{told(findings[0])}{more} {findings[0].next_step}".strip()


def _warned(findings: Sequence[Finding]) -> list[str]:
    """What is said of a delivery that is accepted all the same: a sentence, or none."""
    number = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    return [f"{number}: {_in_words(findings)}"] if findings else []


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

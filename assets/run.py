"""The one order of steps: tables are made one after another, each from what it is made from, and no other way.

The night, a click in the UI, a supplier's preflight, tests and benchmarks all call `run`. What becomes of a table:

- `built`: it was made anew.
- `unchanged`: what it is made from is what it was; the table stands, with its results.
- `blocked`: it broke a critical rule of its own. The last good table stands.
- `stopped`: something that it is made from is blocked, stopped or failed. The last good table stands.
- `failed`: an exception. The last good table stands, and the next run tries again.

The last three are kept in the table's state, so that what depends on it is stopped however and whenever it is run.
A delivery that is refused is none of these: its feed goes on without it. Knows no Dagster.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

from assets.answers.marked_deliveries import write_marked_deliveries
from assets.build import Built, build_model
from assets.graph import RELEASE, STRAYS, Table, graph, tables_of_feed, trouble_of
from assets.history import build_history
from assets.intake import (
    Decision,
    Intake,
    accept_deliveries,
    make_candidates,
    read_deliveries_of,
    record_unrecognised,
)
from assets.readers import Reading, ReadingProcess, ReadJob
from assets.rules import rules_of_model
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.project import HISTORY, Model, Project
from expectations.findings import findings_of
from expectations.report import CheckResult, Finding, SuiteReport
from resources.engine_lost import EngineLostError
from resources.files import DiskFullError
from resources.home import Home
from resources.landing import Landing, LandingStore, Receipt
from resources.operator import releases_of
from resources.releases import ReleaseError, ReleaseStore
from resources.warehouse import TableMissingError, Warehouse

log = logging.getLogger("provincial_growth")

TableOutcome = Literal["built", "unchanged", "blocked", "stopped", "failed"]
GOOD: tuple[TableOutcome, ...] = ("built", "unchanged")


class Readers(Protocol):
    """Who reads files into raw cells."""

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[Reading]:
        """Yield a reading for each job, in the order of the jobs."""


@dataclass(frozen=True)
class Stores:
    """Where deliveries come from and where everything lies that is made of them."""

    inbox: Path
    landing: LandingStore
    warehouse: Warehouse
    releases: ReleaseStore
    readers: Readers


@contextlib.contextmanager
def stores_of(home: Home, project: Project, inbox: Path | None = None, publish: bool = False) -> Iterator[Stores]:
    """Open the stores of a home for the length of a run."""
    warehouse, readers = Warehouse(home.root, project), ReadingProcess()
    with contextlib.closing(warehouse), contextlib.closing(readers):
        releases = releases_of(home, publish=publish)
        yield Stores(inbox or home.inbox, LandingStore(home.landing), warehouse, releases, readers)


@dataclass(frozen=True)
class Landed:
    """What landed in one look into the inbox, and all that has landed of a feed."""

    new: tuple[Receipt, ...]
    still_being_written: tuple[str, ...]
    receipts: tuple[Receipt, ...]
    refused: tuple[Receipt, ...]


@dataclass(frozen=True)
class Published:
    """The release that stands after publishing."""

    release_id: str
    is_new: bool


@dataclass(frozen=True)
class Result:
    """What became of a table; `sentence` says why it is not as it should be.

    `made` is what there is to say of it: `Landed` of what landed, a list of `RawDelivery`, `JudgedDelivery` or
    `Decision` of the other layers of a feed, `Built` of a model, `Published` of the release, None where nothing was
    ever made.
    """

    table: Table
    outcome: TableOutcome
    made: Any = None
    sentence: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether the table stands and what depends on it may go on."""
        return self.outcome in GOOD


class RunError(RuntimeError):
    """A table that something else waits for could not be made; the message says why."""


def run(
    project: Project,
    stores: Stores,
    day: dt.date,
    wanted: Collection[Table] | None = None,
    *,
    is_replay: bool = False,
    answers: bool = True,
) -> Iterator[Result]:
    """Make the wanted tables (default: all) as of a day, each after what it is made from; yield what became of each.

    With `is_replay` the day is a past one, looked at again; without `answers` no supplier is written to. Nothing else
    is made: a table is made from what stands. An exception while one table is made is that table's result; only a full
    disk, an engine that is not there and a wrong declaration end the run, with DiskFullError, EngineLostError and
    DeclarationError.
    """
    one_run = _Run(project, stores, Intake(project, stores.landing, stores.warehouse, day, is_replay), answers)
    for table in graph(project):
        if wanted is None or table in wanted:
            log.debug("%s", table)
            result = one_run.make(table)
            _log(result)
            yield result


def take_in(
    project: Project,
    landing: LandingStore,
    warehouse: Warehouse,
    day: dt.date,
    feed: str,
    without: Collection[str] = (),
    *,
    is_replay: bool = False,
    readers: Readers | None = None,
) -> list[Decision]:
    """Decide on the landed deliveries of one feed as the night of a day does, but for some rules.

    `readers` read what was not read yet (default: a process of their own). Raises RunError where that is not possible.
    """
    wanted = [
        table for table in tables_of_feed(project, feed) if table.name not in without and table.layer != "landing"
    ]
    with contextlib.closing(ReadingProcess()) as process:
        stores = Stores(
            warehouse.root / "inbox", landing, warehouse, ReleaseStore(warehouse.root / "marts"), readers or process
        )
        results = list(run(project, stores, day, wanted, is_replay=is_replay, answers=False))
    for result in results:
        if not result.is_good:
            raise RunError(result.sentence)
    decisions: list[Decision] = results[-1].made
    return decisions


class _Run:
    """One run: what became of its tables so far."""

    def __init__(self, project: Project, stores: Stores, intake: Intake, answers: bool) -> None:
        self._project = project
        self._stores = stores
        self._warehouse = stores.warehouse
        self._intake = intake
        self._answers = answers
        self._day = intake.as_of
        self._results: dict[Table, Result] = {}
        self._troubles: dict[Table, str | None] = {}

    def make(self, table: Table) -> Result:
        """Make one table, unless something that it is made from keeps it."""
        if table != RELEASE and (stop := self._stop(table)):
            result = Result(table, "stopped", self._kept(table), stop)
        else:
            try:
                result = self._maker(table)(table)
            except (DiskFullError, EngineLostError, DeclarationError):  # two end every table, one is its author's
                raise
            except Exception as error:  # one table that fails leaves the others their turn
                log.debug("%s failed", table, exc_info=error)
                result = Result(table, "failed", self._kept(table), self._failure(table, error))
        if result.outcome in ("stopped", "failed"):
            self._warehouse.halt(*table, result.sentence or "", failed=result.outcome == "failed")
        else:
            self._warehouse.resume(*table)
        self._results[table] = result
        return result

    def _stop(self, table: Table) -> str | None:
        """Why a table may not be made: the first thing that it is made from and that is not as it should be.

        What stands in between need not know of it: nobody has come to it since, where tables are made one by one.
        """
        for source in graph(self._project)[table]:
            if why := self._trouble_with(source):
                return why
        return None

    def _failure(self, table: Table, error: Exception) -> str:
        model = self._project.models.get(table.name)
        where = f" (dbt_like_sql/models/{model.file})" if model is not None else ""
        return (
            f"{table}{where} could not be made: {_message_of(error)} Its last good table stands; mend the cause and "
            "run the night again."
        )

    def _trouble_with(self, table: Table) -> str | None:
        if table in self._results:
            result = self._results[table]
            return None if result.is_good else result.sentence
        if table not in self._troubles:
            state = self._warehouse.state(*table)
            self._troubles[table] = (trouble_of(table, state) if state else None) or self._stop(table)
        return self._troubles[table]

    def _maker(self, table: Table) -> Callable[[Table], Result]:
        if table == STRAYS:
            return self._strays
        if table == RELEASE:
            return self._release
        by_layer = {
            "landing": self._landing,
            "raw": self._raw,
            "candidates": self._candidates,
            "validated": self._validated,
            HISTORY: self._history,
        }
        return by_layer.get(table.layer, self._model)

    # ── feeds ─────────────────────────────────────────────────────────────────────────────────────────────

    def _landing(self, table: Table) -> Result:
        forms = self._project.contracts[table.name].forms
        landing = self._stores.landing.land(self._stores.inbox, table.name, forms)
        receipts = self._stores.landing.receipts(table.name)
        landed = _landed(table, landing, receipts, [receipt for receipt in receipts if receipt.refusal])
        return Result(table, "built" if landing.new else "unchanged", landed)

    def _strays(self, table: Table) -> Result:
        landing = self._stores.landing.land_unrecognised(self._stores.inbox, self._project.contracts.keys())
        before = self._warehouse.state("ledger", table.name)
        decisions = record_unrecognised(self._intake)
        receipts = [decision.judged.receipt for decision in decisions]
        refused = [decision.judged.receipt for decision in decisions if decision.status == "rejected"]
        same = not landing.new and before == self._warehouse.state("ledger", table.name)
        return Result(table, "unchanged" if same else "built", _landed(table, landing, receipts, refused))

    def _raw(self, table: Table) -> Result:
        read_anew = 0

        def read(jobs: Any) -> Any:
            nonlocal read_anew
            read_anew = len(jobs)
            return self._stores.readers.read(jobs)

        deliveries = read_deliveries_of(self._intake, table.name, read)
        return Result(table, "built" if read_anew else "unchanged", deliveries)

    def _candidates(self, table: Table) -> Result:
        return self._if_changed(table, lambda: make_candidates(self._intake, table.name))

    def _validated(self, table: Table) -> Result:
        findings = rule_findings(self._intake, table.name)
        result = self._if_changed(table, lambda: accept_deliveries(self._intake, table.name, findings))
        if self._answers:
            write_marked_deliveries(self._intake, table.name, result.made)
        return result

    def _if_changed(self, table: Table, make: Callable[[], Any]) -> Result:
        """Make a table whose maker leaves it alone where it stands already."""
        before = self._warehouse.state(*table)
        made = make()
        after = self._warehouse.state(*table)
        same = before is not None and after is not None and before.content == after.content
        return Result(table, "unchanged" if same else "built", made)

    # ── models ────────────────────────────────────────────────────────────────────────────────────────────

    def _model(self, table: Table) -> Result:
        model = self._project.models[table.name]
        built = build_model(self._project, self._warehouse, model, rules_of_model(self._project, model), self._day)
        if built.state.blocked:
            return Result(table, "blocked", built, _refusal(model, built.report))
        return Result(table, "unchanged" if built.reused else "built", built)

    def _history(self, table: Table) -> Result:
        retake = partial(take_in, is_replay=True)
        built = build_history(self._project, self._warehouse, table.name, self._day, retake)
        return Result(table, "unchanged" if built.reused else "built", built)

    def _release(self, table: Table) -> Result:
        # Imported here, because whoever tries a file publishes nothing.
        from assets.publishing import publish_marts

        try:
            release_id, is_new = publish_marts(self._project, self._warehouse, self._stores.releases, self._day)
        except ReleaseError as error:
            return Result(table, "stopped", None, str(error))
        return Result(table, "built" if is_new else "unchanged", Published(release_id, is_new))

    def _kept(self, table: Table) -> Built | None:
        """What is known of a model's table that is not made now."""
        state = self._warehouse.state(*table)
        if state is None or table.name not in self._project.models:
            return None
        return Built(state, SuiteReport.from_dict(state.report) if state.report else None, reused=True)


def _landed(table: Table, landing: Landing, receipts: Sequence[Receipt], refused: Sequence[Receipt]) -> Landed:
    for name in landing.unsettled:
        log.warning("%s: %s is still being written; it is taken next time", table.name, name)
    return Landed(tuple(landing.new), tuple(landing.unsettled), tuple(receipts), tuple(refused))


def rule_findings(intake: Intake, feed: str) -> list[Finding]:
    """Return the findings of the delivery rules of a feed, from the audits of their tables."""
    names = {receipt.delivery_id: receipt.file_name for receipt in intake.landing.receipts(feed)}
    findings: list[Finding] = []
    for rule in intake.project.delivery_rules(feed):
        state = intake.warehouse.state(rule.layer, rule.name)
        if state is None and intake.warehouse.was_built(rule.layer, rule.name):
            why = intake.warehouse.why_unbuilt(rule.layer, rule.name)
            raise TableMissingError(f"{rule.layer}/{rule.name} {why}. Run the nightly job, or that asset, first.")
        if state is not None and state.report is not None:
            findings += findings_of(SuiteReport.from_dict(state.report), feed, names)
    return findings


def _refusal(model: Model, report: SuiteReport | None) -> str:
    broken = [r for r in report.results if r.blocks] if report else []
    return (
        f"{model.layer}/{model.name} was computed but not promoted, the last good table stands. "
        f"{' '.join(_broken(result) for result in broken)} "
        "Look at the failing rows in the check, mend the cause and run the night again."
    )


def _broken(result: CheckResult) -> str:
    """What became of a rule that does not hold, what should be true, and the next step that it names."""
    seen = (result.error or result.observed or result.outcome).rstrip(".")
    return f"{result.check}: {seen}. {result.description} {result.next_step}".strip()


def _message_of(error: BaseException) -> str:
    """What an exception says, as a sentence; of SQL without the line's number, which is not that in the file."""
    text = " ".join(str(error).split("\nLINE ")[0].split()) or type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _log(result: Result) -> None:
    """Say in one line what became of a table: whoever watches counts these lines."""
    if result.is_good:
        log.info("%s: %s%s", result.table, _size(result), " (unchanged)" if result.outcome == "unchanged" else "")
    else:
        log.info("%s: %s", result.table, result.outcome)


def _size(result: Result) -> str:
    match result.made:
        case Landed(new=new, receipts=receipts):
            return f"{len(new)} new of {len(receipts)} deliveries"
        case Built(state=state):
            return f"{state.rows} rows"
        case Published(release_id=release_id):
            return release_id
        case list() as deliveries:
            return f"{len(deliveries)} deliveries"
        case _:
            return result.outcome

"""A house for tests: an inbox one can deliver into, nights one can run, marts one can read. The public door only."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import dagster as dg
import pyarrow.parquet as pq
from rich.console import Console

from assets.change_detection import remember_night
from assets.graph import STRAYS, Table, tables_of_feed
from assets.run import RunError, run, stores_of
from dbt_like_sql.project import HISTORY, load_project
from pipeline.cli.nightly import print_outcome
from pipeline.night import NightOutcome, outcome_of, run_night
from pipeline.settings import PROJECT_ROOT
from resources.files import sha256_of
from resources.home import Home
from resources.releases import ReleaseStore

AS_OF = dt.date(2025, 2, 10)
EARLY = dt.date(2024, 8, 28)
"""Two days after the first directive was issued: a night looks back on one day, on `AS_OF` on fourteen."""
PUBLISHED = PROJECT_ROOT / "samples" / "inbox" / "published_figures" / "published_figures__2022..2025__2025-05-15.csv"


@dataclass(frozen=True)
class House:
    """A home and an inbox below one folder."""

    root: Path

    @property
    def home(self) -> Home:
        """The home of the stores."""
        return Home(self.root / "home")

    @property
    def inbox(self) -> Path:
        """The inbox."""
        return self.root / "inbox"

    def deliver(self, name: str, content: str | bytes, folder: str | None = None) -> Path:
        """Put a file into the folder of its feed (what its name begins with)."""
        place = self.inbox / (name.split("__")[0] if folder is None else folder)
        place.mkdir(parents=True, exist_ok=True)
        path = place / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def deliver_published_figures(self) -> Path:
        """Deliver the published figures of Sóc Trăng that the samples carry."""
        return self.deliver(PUBLISHED.name, PUBLISHED.read_bytes())

    def night(self, as_of: dt.date = AS_OF) -> NightOutcome:
        """Run the nightly job in this process."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        return run_night(self.home, self.inbox, as_of)

    def quick_night(self, as_of: dt.date = AS_OF, *, publish: bool = True, inbox: Path | None = None) -> NightOutcome:
        """Do what the nightly job does, without Dagster, in a tenth of the time; a past day becomes current too."""
        project, inbox = load_project(), inbox or self.inbox
        inbox.mkdir(parents=True, exist_ok=True)
        self.home.accept_inbox(inbox)
        with stores_of(self.home, project, inbox, publish) as stores:
            results = list(run(project, stores, as_of))
        failures = tuple(f"{r.table}: {r.sentence}" for r in results if not r.is_good)
        outcome = outcome_of(self.home, project, as_of, had_changes=True, failures=failures)
        self.home.remember(as_of=as_of.isoformat())
        if not failures and outcome.release_id and not outcome.looked_at:
            remember_night(self.home, as_of, outcome.release_id)
        return outcome

    def intake_night(self, as_of: dt.date = AS_OF) -> NightOutcome:
        """Do of a night what decides on deliveries, and no more: what it says of them is said, in no time."""
        project = load_project()
        delivered = {path.parent.name for path in self.inbox.rglob("*") if path.is_file()}
        landed = {path.name for path in self.home.landing.glob("*")}
        feeds = (delivered | landed) & set(project.contracts)
        with stores_of(self.home, project, self.inbox) as stores:
            wanted = {STRAYS, *(table for feed in feeds for table in tables_of_feed(project, feed))}
            for result in run(project, stores, as_of, wanted):
                if not result.is_good:
                    raise RunError(result.sentence)
        return outcome_of(self.home, project, as_of, had_changes=True, failures=())

    def part_night(self, *models: str, as_of: dt.date = AS_OF) -> NightOutcome:
        """Do of a night what decides on deliveries and what some marts or audits are made of, and no more.

        No release is made, and history only where one of the marts tells of it: see `Unpublished`.
        """
        project = load_project()
        self.home.accept_inbox(self.inbox)
        wanted = {STRAYS, *(table for feed in project.contracts for table in tables_of_feed(project, feed))}
        behind = project.behind(models)
        past = {table for model in behind for layer, table in model.sources if layer == HISTORY}
        wanted |= {Table(model.layer, model.name) for model in [*behind, *project.behind(past)]}
        wanted |= {Table(HISTORY, table) for table in past}
        with stores_of(self.home, project, self.inbox) as stores:
            failures = [result.sentence for result in run(project, stores, as_of, wanted) if not result.is_good]
        assert failures == []
        return outcome_of(self.home, project, as_of, had_changes=True, failures=())

    def ledger(self, file_name: str) -> dict[str, Any]:
        """Return the only row of the ledger about a file."""
        rows = [row for path in (self.home.root / "ledger").glob("*.parquet") for row in table(path)]
        (row,) = [row for row in rows if row["source_file"] == file_name]
        return row

    def copied_to(self, root: Path) -> Self:
        """Return a house that is like this one, file by file, elsewhere."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        return type(self)(root)

    def command(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m pipeline …` as a user would, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "pipeline", *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, "GROWTH_HOME": str(self.home.root), "COLUMNS": "200", **environment},
            capture_output=True,
            text=True,
            timeout=1200,  # of a machine that others use too
            check=False,
        )

    def started(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `python -m pipeline …`, to be watched or killed as it works; see `read_until`."""
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "pipeline", *arguments],
            cwd=PROJECT_ROOT,
            env={**os.environ, "GROWTH_HOME": str(self.home.root), "COLUMNS": "200", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def runs(self) -> dict[str, str]:
        """Return what Dagster says of each run, the oldest first."""
        with dg.DagsterInstance.from_config(str(self.home.dagster)) as instance:
            return {run.run_id: run.status.value for run in reversed(instance.get_runs())}

    @property
    def releases(self) -> ReleaseStore:
        """The releases of the home."""
        return ReleaseStore(self.home.marts)

    def digests(self, *folders: str) -> dict[str, str]:
        """Return the hash of every Parquet file below some folders of the home, by path."""
        root = self.home.root
        return {
            path.relative_to(root).as_posix(): sha256_of(path)
            for folder in folders
            for path in sorted((root / folder).glob("*.parquet"))
        }

    def mart(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a mart in the current release, where readers find it."""
        return table(self.home.marts / "current" / f"{name}.parquet")

    def table(self, layer: str, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of another layer."""
        return table(self.home.root / layer / f"{name}.parquet")

    def delivery(self, file_name: str) -> dict[str, Any]:
        """Return the only row of `delivery_quality` about a file."""
        (row,) = [row for row in self.mart("delivery_quality") if row["source_file"] == file_name]
        return row

    def item(self, item: str, directive: str = "2724-UBND-TH") -> dict[str, Any]:
        """Return the scorecard's row of an item of a directive."""
        cards = self.mart("directive_scorecard")
        (row,) = [row for row in cards if (row["directive"], row["item"]) == (directive, item)]
        return row


class Unpublished(House):
    """A house of part nights, which publish nothing: its marts are those that were built last."""

    def mart(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a mart as it was built last."""
        return self.table("marts/built", name)


def table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a Parquet file."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def told(outcome: NightOutcome) -> list[str]:
    """Return the lines that `nightly` prints of what came of a night."""
    text = io.StringIO()
    console = Console(file=text, width=10_000)
    print_outcome(outcome, AS_OF, console, console)
    return text.getvalue().splitlines()


def read_until(command: subprocess.Popen[str], words: str) -> str:
    """Read what a command says until some words are said; return it. Fails if it ends before."""
    said = ""
    assert command.stdout is not None
    for line in command.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"the command ended and never said '{words}':\n{said}")


def csv_text(header: Sequence[str], *rows: Sequence[object]) -> str:
    """Return a CSV file in the canonical form."""
    lines = [",".join(header), *(",".join("" if v is None else str(v) for v in row) for row in rows)]
    return "\n".join(lines) + "\n"


def run_samples(house: House) -> None:
    """Run the nightly job on the samples. Fails if anything in it failed."""
    outcome = run_night(house.home, PROJECT_ROOT / "samples" / "inbox", AS_OF)
    assert outcome.failures == ()

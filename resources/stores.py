"""The stores as Dagster resources: one for each, all below one home that a run holds alone."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field, PrivateAttr

from dbt_like_sql.project import load_project
from resources.home import Home, HomeError
from resources.runs import hold_for_life, report_dead_runs

if TYPE_CHECKING:
    from resources.landing import LandingStore
    from resources.releases import ReleaseStore
    from resources.warehouse import Warehouse

NIGHTLY = "nightly"
"""Name of the job that runs every night; only it takes today as its day."""


class HomeResource(dg.ConfigurableResource):
    """The home of all stores. A run holds it alone from start to end; the lock dies with the process.

    Every asset asks for it, also those that only read: a table must not change under its reader.
    """

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    patience_seconds: float = Field(
        default=6 * 3600, description="How long to wait for another run to end: as long as the daemon lets a run take."
    )

    @property
    def home(self) -> Home:
        """The home as the stores know it."""
        return Home(Path(self.root))

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["HomeResource"]:
        """Hold the home for the length of a run, and show those that died as failed."""
        from resources.operator import settings_of
        from resources.retention import prune

        if context.run is not None:
            hold_for_life(self.home, context.run.run_id)
        with self.home.locked(self.patience_seconds):
            if context.instance is not None:
                report_dead_runs(context.instance, self.home)
            settings = settings_of(self.home)
            yield self
            if context.instance is not None and context.run is not None and context.run.job_name == NIGHTLY:
                prune(self.home, context.instance, settings.retention)


class DayResource(dg.ConfigurableResource):
    """The day of a run: what was released later is not known to it. It stays the same until the run ends."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    as_of: str = Field(
        default="",
        description=(
            "Day of the run, e.g. 2025-02-10. Empty: today in Viet Nam for the nightly job (in a home that holds "
            "the samples: their day), the day of the last night for assets run alone."
        ),
    )
    _is_night: bool = PrivateAttr(default=False)
    _day: dt.date | None = PrivateAttr(default=None)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Note whether this is the nightly job."""
        run = context.run
        self._is_night = run is not None and run.job_name == NIGHTLY
        self._day = None

    @property
    def day(self) -> dt.date:
        """The day as a date. Raises HomeError if it is written in another form."""
        if self._day is None:  # first asked by a step, which holds the home: another run may have moved its day before
            self._day = self._asked_for()
        return self._day

    def _asked_for(self) -> dt.date:
        if self.as_of:
            try:
                return dt.date.fromisoformat(self.as_of)
            except ValueError as error:
                raise HomeError(f"as_of '{self.as_of}' is no date; write it like 2025-02-10") from error
        home = Home(Path(self.root))
        return home.day_of_a_night() if self._is_night else home.day_of_last_night()


class InboxResource(dg.ConfigurableResource):
    """Where suppliers put their files."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    path: str = Field(default="", description="The inbox; empty: the one this home used last, or its own.")

    @property
    def folder(self) -> Path:
        """The folder of the inbox."""
        return Path(self.path) if self.path else Home(Path(self.root)).inbox_of_last_night()


class LandingResource(dg.ConfigurableResource):
    """What arrived, byte for byte."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")

    @property
    def store(self) -> "LandingStore":
        """The landing store."""
        from resources.landing import LandingStore

        return LandingStore(Home(Path(self.root)).landing)


class WarehouseResource(dg.ConfigurableResource):
    """Tables as Parquet files and the engine that computes them."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    _store: Any = PrivateAttr(default=None)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:
        """Keep one engine for the length of a run."""
        self._store = None  # that of another run is closed
        with contextlib.closing(self.store):
            yield self

    @property
    def store(self) -> "Warehouse":
        """The warehouse."""
        from resources.warehouse import Warehouse

        if self._store is None:
            self._store = Warehouse(Home(Path(self.root)).root, load_project())
        store: Warehouse = self._store
        return store


class ReleasesResource(dg.ConfigurableResource):
    """Published folders of marts."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    publish: bool = Field(
        default=False,
        description="Whether a release becomes current although it is of a day before that of the current one.",
    )

    @property
    def store(self) -> "ReleaseStore":
        """The release store."""
        from resources.operator import releases_of

        return releases_of(Home(Path(self.root)), publish=self.publish)


def stores_at(
    root: Path, *, as_of: dt.date | None = None, inbox: Path | None = None, publish: bool = False
) -> dict[str, dg.ConfigurableResource]:
    """Return all stores below one home, by the names under which assets ask for them.

    Without a day or an inbox, each run takes the one that follows from the home: no run needs a configuration.
    """
    home_path = str(root)
    return {
        "home": HomeResource(root=home_path),
        "day": DayResource(root=home_path, as_of=as_of.isoformat() if as_of else ""),
        "inbox": InboxResource(root=home_path, path=str(inbox) if inbox else ""),
        "landing": LandingResource(root=home_path),
        "warehouse": WarehouseResource(root=home_path),
        "releases": ReleasesResource(root=home_path, publish=publish),
    }

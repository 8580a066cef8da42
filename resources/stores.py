"""The stores as Dagster resources: one for each, all below one home that a run holds alone."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from dbt_like_sql.project import load_project
from resources.home import Home, HomeError, today
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
    patience_seconds: float = Field(default=600, description="How long to wait for another run to end.")

    @property
    def home(self) -> Home:
        """The home as the stores know it."""
        return Home(Path(self.root))

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["HomeResource"]:
        """Hold the home for the length of a run."""
        with self.home.locked(self.patience_seconds):
            yield self


class DayResource(dg.ConfigurableResource):
    """The day of a run: what was released later is not known to it."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    as_of: str = Field(
        default="",
        description=(
            "Day of the run, e.g. 2025-02-10. Empty: today in Viet Nam for the nightly job (in a home that holds "
            "the samples: their day), the day of the last night for assets run alone."
        ),
    )
    _is_night: bool = PrivateAttr(default=False)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Remember whether this is the nightly job."""
        run = context.run
        self._is_night = run is not None and run.job_name == NIGHTLY

    @property
    def day(self) -> dt.date:
        """The day as a date. Raises HomeError if it is written in another form."""
        if self.as_of:
            try:
                return dt.date.fromisoformat(self.as_of)
            except ValueError as error:
                raise HomeError(f"as_of '{self.as_of}' is no date; write it like 2025-02-10") from error
        return day_without_wish(Home(Path(self.root)), is_night=self._is_night)


def day_without_wish(home: Home, *, is_night: bool) -> dt.date:
    """Return the day of a run for which nobody named one."""
    note = home.note()
    last = note.get("as_of")
    if last and (not is_night or note.get("holds") == "samples"):
        return dt.date.fromisoformat(last)
    return today()


class InboxResource(dg.ConfigurableResource):
    """Where suppliers put their files."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    path: str = Field(default="", description="The inbox; empty: the one this home used last, or its own.")

    @property
    def folder(self) -> Path:
        """The folder of the inbox."""
        home = Home(Path(self.root))
        return Path(self.path or home.note().get("inbox") or home.inbox)


class LandingResource(dg.ConfigurableResource):
    """What arrived, byte for byte."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")

    @property
    def store(self) -> LandingStore:
        """The landing store."""
        return LandingStore(Home(Path(self.root)).landing)


class WarehouseResource(dg.ConfigurableResource):
    """Tables as Parquet files and the engine that computes them."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")
    _store: Warehouse | None = PrivateAttr(default=None)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:
        """Keep one engine for the length of a run."""
        self._store = Warehouse(Home(Path(self.root)).root, load_project())
        try:
            yield self
        finally:
            self._store.close()

    @property
    def store(self) -> Warehouse:
        """The warehouse."""
        if self._store is None:
            self._store = Warehouse(Home(Path(self.root)).root, load_project())
        return self._store


class ReleasesResource(dg.ConfigurableResource):
    """Published folders of marts."""

    root: str = Field(description="Folder that holds all stores (GROWTH_HOME).")

    @property
    def store(self) -> ReleaseStore:
        """The release store."""
        return ReleaseStore(Home(Path(self.root)).marts)


def stores_at(root: Path) -> dict[str, dg.ConfigurableResource]:
    """Return all stores below one home, by the names under which assets ask for them."""
    place = str(root)
    return {
        "home": HomeResource(root=place),
        "day": DayResource(root=place),
        "inbox": InboxResource(root=place),
        "landing": LandingResource(root=place),
        "warehouse": WarehouseResource(root=place),
        "releases": ReleasesResource(root=place),
    }


def stores_config(
    root: Path, *, as_of: dt.date, inbox: Path, patience_seconds: float = 600
) -> dict[str, dict[str, dict[str, object]]]:
    """Return the run config that sends one run to a home, for a day and an inbox."""
    extra: dict[str, dict[str, object]] = {
        "home": {"patience_seconds": patience_seconds},
        "day": {"as_of": as_of.isoformat()},
        "inbox": {"path": str(inbox)},
    }
    return {
        name: {"config": {"root": str(root), **extra.get(name, {})}}
        for name in ("home", "day", "inbox", "landing", "warehouse", "releases")
    }

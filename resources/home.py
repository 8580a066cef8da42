"""The home of all stores (`GROWTH_HOME`): its paths, its lock, what kind of inbox it holds, and of which area.

Simulated and real figures never share a home by accident: a home that has taken the samples says so and
refuses another inbox, and a home that has taken real deliveries refuses the samples. Nor do two provinces: a home
is of one area, unless the simulator filled it with several.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from resources.files import read_json, remove_leftovers, write_json

log = logging.getLogger("provincial_growth")

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
SAMPLES, SIMULATED, DELIVERIES = "samples", "simulated", "deliveries"
"""What an inbox, and so a home, may hold."""
SAMPLES_MARK = ".samples"
"""A file of this name at the top of an inbox says that the inbox is a demonstration."""
SIMULATED_MARK = ".simulated"
"""A file of this name at the top of an inbox says that the simulator wrote it, for one province or several."""
HOME_NOTE = "home.json"
SAMPLES_AS_OF = dt.date(2025, 2, 10)
"""The day of the demonstration: soon after the budget year 2024 closed."""


class HomeError(RuntimeError):
    """The home cannot be used as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Home:
    """The folder that holds all stores."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Where deliveries are expected if no other inbox is named."""
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        """Copies of what arrived, never changed."""
        return self.root / "landing"

    @property
    def marts(self) -> Path:
        """Built marts, releases and the pointer to the current one."""
        return self.root / "marts"

    @property
    def report_template(self) -> Path:
        """Where an office may keep a template of its own for the report of each release."""
        return self.root / "report_template.docx"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME of the pipeline."""
        return self.root / "dagster"

    @property
    def _notes(self) -> tuple[Path, Path]:
        """The home's note and its copy: what a home holds must not be forgotten with a file that was cut."""
        return self.root / HOME_NOTE, self.root / f".{HOME_NOTE}"

    def note(self) -> dict[str, str]:
        """What the home remembers of itself: `holds`, `inbox`, `as_of`, `area`.

        Raises HomeError if it cannot be read, nor its copy.
        """
        known = [read_json(path) for path in self._notes]
        for note in known:
            if isinstance(note, dict) and all(isinstance(fact, str) for fact in note.values()):
                return note
        if any(path.exists() for path in self._notes):
            raise HomeError(
                f"{self._notes[0]} cannot be understood, nor its copy, and says what the home holds. Restore it from a "
                f'backup, or write {{"holds": "deliveries"}} into it ("samples" in the home of the samples).'
            )
        return {}

    def inbox_of_last_night(self) -> Path:
        """Return the inbox that this home used last, or its own."""
        return Path(self.note().get("inbox") or self.inbox)

    def day_of_a_night(self, inbox: Path | None = None) -> dt.date:
        """Return the day of a night that is started without one: today, except for the samples."""
        is_demonstration = ((inbox or self.inbox_of_last_night()) / SAMPLES_MARK).exists()
        return self.day_of_last_night(SAMPLES_AS_OF) if is_demonstration else today()

    def day_of_last_night(self, before_the_first: dt.date | None = None) -> dt.date:
        """Return the day that the stores were last made for; before the first night another one, today if none."""
        last = self.note().get("as_of")
        return dt.date.fromisoformat(last) if last else before_the_first or today()

    def remember(self, **facts: str) -> None:
        """Add facts to the home's note."""
        note = self.note()
        known = {**note, **facts}
        for path in self._notes:
            if read_json(path) != known:
                write_json(path, known)

    def accept_inbox(self, inbox: Path) -> None:
        """Bind the home to the kind of this inbox.

        Raises HomeError if it holds another kind already, such as samples beside real deliveries, or if the inbox
        cannot be listed.
        """
        try:
            names = {path.name for path in inbox.iterdir()}
        except OSError as error:
            raise HomeError(
                f"The inbox {inbox} cannot be listed ({error.strerror}). Let the user that runs the night read it."
            ) from None
        kind = SAMPLES if SAMPLES_MARK in names else SIMULATED if SIMULATED_MARK in names else DELIVERIES
        held = self.holds
        if held is not None and held != kind:
            what = {SAMPLES: "the samples", SIMULATED: "a simulation", DELIVERIES: "real deliveries"}
            raise HomeError(
                f"The home {self.root} holds {what[held]} and refuses the inbox {inbox}, which holds {what[kind]}: "
                "simulated and real figures must not mix. Set GROWTH_HOME to another folder and run again."
            )
        self.remember(holds=kind, inbox=str(inbox.resolve()))

    @property
    def holds(self) -> str | None:
        """The kind of inbox that the home has taken; None before the first."""
        return self.note().get("holds")

    @property
    def holds_several_areas(self) -> bool:
        """Whether areas may stand beside each other: the simulator filled the home, and says so."""
        return self.holds == SIMULATED

    @property
    def area(self) -> str | None:
        """The area whose deliveries the home takes; None until the first delivery of a province, or if it takes all."""
        return None if self.holds_several_areas else self.note().get("area")

    @contextlib.contextmanager
    def locked(self, patience_seconds: float = 600) -> Iterator[None]:
        """Hold the home alone; the operating system frees it when the holder dies.

        Raises HomeError if another run holds it for longer than `patience_seconds`.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+") as file:
            _wait_for_lock(file.fileno(), self.root, patience_seconds)
            file.seek(0)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
            remove_leftovers(self.root)
            yield


def _wait_for_lock(handle: int, root: Path, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    has_warned = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode() or "unknown"
            if not has_warned and patience_seconds > 0:
                log.warning("another run (process %s) is writing in %s; waiting for it to end", holder, root)
                has_warned = True
            if time.monotonic() >= deadline:
                raise HomeError(
                    f"Another run (process {holder}) is writing in {root}. Wait for it to end, or stop it, "
                    "and run again; nothing was changed."
                ) from None
            time.sleep(0.2)
        else:
            return


def home_from_environment(project_root: Path) -> Home:
    """Return the home that `GROWTH_HOME` names, or `data/` in the project."""
    return Home(Path(os.environ.get("GROWTH_HOME") or project_root / "data").absolute())


def today() -> dt.date:
    """Return the date in Viet Nam."""
    return dt.datetime.now(LOCAL_TIME).date()

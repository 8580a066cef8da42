"""Nights of the real server, one a day: the schedule at 02:30, a delivery each, runs in PostgreSQL, kills now and then.

The clock of the server is set on to the next night when one has ended. In the middle of every ten nights the run, the
daemon or the whole server is killed while it works, in turn; what `serve` leaves is started anew, as systemd would.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from pipeline.dagster_home import write_dagster_home
from resources.home import LOCAL_TIME, today
from tests.campaign.clock import Clock
from tests.campaign.log import Log
from tests.campaign.processes import kill, processes_of
from tests.house import House, csv_text
from tests.integration.test_serve import in_postgres
from tests.integration.test_telling import Mailbox
from tests.ports import free_port
from tests.postgres import PASSWORD, Server, postgres
from tests.running_ui import Ui, UiRun, ui_of

KILLED = ("run", "daemon", "everything")
NIGHT_SECONDS = 900.0
ABOUT_A_RUN_SECONDS = 30.0
FIRST_NIGHT_OF_SLOPE = 10
STORES = ("landing", "raw", "validated", "staging", "intermediate", "history", "marts", "dagster", "told")


def nights(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Let a server do as many nights and log each; say whether all that were not killed published for their day."""
    dice, all_well = random.Random(seed), True
    house = House(folder)
    House(house.home.root).deliver_published_figures()
    house.quick_night(today() - dt.timedelta(days=1), inbox=house.home.inbox)
    with postgres() as server, _mailbox() as (box, address):
        settings = write_dagster_home(house.home.root) / "dagster.yaml"
        with settings.open("a", encoding="utf-8") as file:
            file.write(in_postgres(server.port))
        (house.home.root / "settings.yml").write_text(
            "tell:\n  channels:\n    - {address_from: TELL_LEADERS}\n", encoding="utf-8"
        )
        clock = Clock(folder)
        clock.set(_half_past_two(1) - dt.timedelta(minutes=10))
        environment = {**clock.environment, "GROWTH_POSTGRES_PASSWORD": PASSWORD, "TELL_LEADERS": address}
        night = 1
        while night <= count:
            with ui_of(house, "serve", **environment) as ui:
                ui.switch_off("new_in_the_inbox")  # what is to be seen is the schedule
                while night <= count and ui.process.poll() is None:
                    said = _night(house, ui, clock, night, dice)
                    log.write(
                        **said,
                        mails=len(box.received),
                        rss_kb=[one._asdict() for one in processes_of(house.home.root) if one.role != "other"],
                        disk={name: _bytes_of(house.home.root / name) for name in STORES},
                        postgres_bytes=_bytes_of_database(server),
                    )
                    is_good = said.get("status") == "SUCCESS" and said["release_of"] == str(said["day"])
                    all_well &= not said["faults"] and ("killed" in said or is_good)
                    night += 1
    return all_well


def _night(house: House, ui: Ui, clock: Clock, night: int, dice: random.Random) -> dict[str, Any]:
    moment = _half_past_two(night)
    day = moment.astimezone(LOCAL_TIME).date()
    level = 2600 + night
    House(house.home.root).deliver(
        f"grdp__2024__{day}.csv",
        csv_text(
            ("area_code", "sector_code", "period", "value_constant_bn"),
            ("94", "CON", "2023", "2000"), ("94", "CON", "2024", str(level)),
        ),
    )  # fmt: skip
    known = {run.run_id for run in ui.runs()}
    began, before = time.monotonic(), _living(house)
    clock.set(moment - dt.timedelta(seconds=2))
    to_kill = KILLED[night // 10 % len(KILLED)] if night % 10 == 5 else None
    if to_kill:
        when = _killed(house, ui, to_kill, before, dice)
        return {"night": night, "day": day, "killed": to_kill, "after_seconds": when, **_left(house, began)}
    run = _ended(ui, known)
    status = run.status if run else "no run ended"
    started_by = run.started_by if run else None
    return {"night": night, "day": day, "status": status, "started_by": started_by, **_left(house, began)}


def _ended(ui: Ui, known: set[str]) -> UiRun | None:
    """The first new run that has ended, or None if the server went away or nothing came for very long."""
    until = time.monotonic() + NIGHT_SECONDS
    while time.monotonic() < until and ui.process.poll() is None:
        with contextlib.suppress(OSError):
            for run in ui.runs():
                if run.run_id not in known and run.status in ("SUCCESS", "FAILURE"):
                    return run
        time.sleep(1)
    return None


def _living(house: House) -> set[Path]:
    """The files of runs that live, or have ended and not been looked at since."""
    return set((house.home.dagster / "living_runs").glob("[!.]*"))


def _killed(house: House, ui: Ui, what: str, before: set[Path], dice: random.Random) -> float | None:
    """Kill as a new run works; return how long it had worked, or None where none began."""
    until = time.monotonic() + NIGHT_SECONDS
    while not (living := sorted(_living(house) - before)):
        if time.monotonic() > until:
            return None
        time.sleep(0.1)
    after = dice.uniform(0, ABOUT_A_RUN_SECONDS)
    time.sleep(after)
    worker = int(living[0].read_text() or 0) if living[0].exists() else 0
    if what == "run":
        if worker:
            kill(worker)
    else:
        for one in processes_of(house.home.root):
            if what == "everything" or one.role == "daemon" or one.pid == worker:
                kill(one.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            ui.process.wait(timeout=120)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(ui.process.pid, signal.SIGKILL)
    return round(after, 1)


def _left(house: House, began: float) -> dict[str, Any]:
    release = house.releases.get()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "release": release.release_id,
        "release_of": release.manifest["as_of"],
        "faults": house.releases.verify(),
    }


def _half_past_two(night: int) -> dt.datetime:
    return dt.datetime.combine(today() + dt.timedelta(days=night), dt.time(2, 30), LOCAL_TIME)


def _bytes_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _bytes_of_database(server: Server) -> int:
    return _bytes_of(server.folder / "data")


@contextlib.contextmanager
def _mailbox() -> Iterator[tuple[Mailbox, str]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"mailto://127.0.0.1:{port}/?from=growth@example.vn&mode=insecure&to=leaders@example.vn"
    finally:
        controller.stop()


def slopes(lines: list[dict[str, Any]]) -> dict[str, tuple[int, float]]:
    """Return for each process the nights it was seen from the tenth on, and how many MB it grew in one of them."""
    seen: dict[str, list[tuple[int, float]]] = {}
    for line in lines:
        for one in line.get("rss_kb", ()):
            if line["night"] >= FIRST_NIGHT_OF_SLOPE and one["role"] not in ("run", "resource tracker"):
                seen.setdefault(f"{one['role']} {one['pid']}", []).append((line["night"], one["rss_kb"] / 1024))
    return {name: (len(points), _slope(points)) for name, points in sorted(seen.items()) if len(points) > 2}


def _slope(points: list[tuple[int, float]]) -> float:
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread

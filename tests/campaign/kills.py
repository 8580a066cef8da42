"""Nights that are killed: at instants of the command, and at each move and removal of a file. Readers look on.

Two readers follow `marts/current` all the time and hold each file against the manifest beside it. What the kills leave
is set right by a last night, which gives the release that a home gives that was left in peace.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from tests.campaign.log import Log
from tests.house import AS_OF, House
from tests.integration.test_broken_nights import NEW, NEW_ROWS

READERS = 2
MOVES = ("replace", "rename", "unlink", "rmdir")


def kills(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Kill the command at some instants, spread over the length of a night, while two read."""
    peaceful, disturbed = _pair(folder)
    arguments = ("nightly", "--quiet", "--inbox", str(disturbed.inbox), "--as-of", AS_OF.isoformat())
    began = time.monotonic()
    undisturbed = peaceful.command(*(*arguments[:3], str(peaceful.inbox), *arguments[4:]))
    lasts = time.monotonic() - began
    assert undisturbed.returncode == 0, undisturbed.stdout + undisturbed.stderr
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    readers = [
        context.Process(target=_read, args=(disturbed.home.marts / "current", stop, answers)) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    dice = random.Random(seed)
    faulty = 0
    for number in range(count):
        after = lasts * (number + dice.random()) / count
        night = disturbed.started(*arguments)
        time.sleep(after)
        was_at_work = night.poll() is None
        night.kill()
        night.communicate()
        faults = disturbed.releases.verify()
        faulty += bool(faults)
        log.write(part="kills", number=number, after=round(after, 2), was_at_work=was_at_work, faults=faults)
    last = disturbed.command(*arguments)
    stop.set()
    reads = [answers.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join()
    same = disturbed.releases.current_id() == peaceful.releases.current_id()
    log.write(
        part="kills", lasts=round(lasts, 1), reads=sum(r for r, _ in reads), torn=[one for _, t in reads for one in t],
        code=last.returncode, same_release=same, said=(last.stdout + last.stderr)[-600:],
    )  # fmt: skip
    return same and last.returncode == 0 and not faulty and not any(torn for _, torn in reads)


def _read(current: Path, stop: Event, answers: Any) -> None:
    """Read whole releases until told to stop; what does not agree with its own manifest is torn."""
    reads, torn = 0, []
    while not stop.is_set():
        try:
            place = current.resolve(strict=True)
            manifest = json.loads((place / "manifest.json").read_bytes())
            for name, described in manifest["marts"].items():
                content = (place / f"{name}.parquet").read_bytes()
                if hashlib.sha256(content).hexdigest() != described["sha256"]:
                    torn.append(f"{place.name}/{name}")
        except (OSError, ValueError) as error:
            torn.append(str(error))
        reads += 1
    answers.put((reads, torn))


def moves(folder: Path, log: Log, *, count: int, seed: int, day: dt.date = AS_OF) -> bool:
    """Kill a night just before and just after some of all its moves and removals of files."""
    peaceful, disturbed = _pair(folder, day)
    in_all = _dying_at(peaceful, None, "", day)
    release = peaceful.releases.current_id()
    points = [(number, when) for number in range(in_all) for when in ("before", "after")]
    chosen = sorted(random.Random(seed).sample(points, min(count, len(points))))
    faulty = []
    for number, when in chosen:
        house = House(folder / "tried")
        _fresh(disturbed, house)
        _dying_at(house, number, when, day)
        faults = house.releases.verify()
        again = house.quick_night(day)
        is_well = not faults and again.failures == () and again.release_id == release and not house.releases.verify()
        if not is_well:
            faulty.append((number, when))
        log.write(part="moves", number=number, when=when, faults=faults, failures=again.failures, well=is_well)
    log.write(part="moves", in_all=in_all, tried=len(chosen), faulty=faulty)
    return not faulty


def _dying_at(house: House, number: int | None, when: str, day: dt.date) -> int:
    """Run a night in a fork that kills itself at a move; return how many moves a night that is left in peace makes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            made = [0]
            for name in MOVES:
                setattr(os, name, _counted(getattr(os, name), made, number, when))
            house.quick_night(day)
            os.write(writer, str(made[0]).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        return int(said.read() or 0)


def _counted(move: Callable[..., Any], made: list[int], number: int | None, when: str) -> Callable[..., Any]:
    def moved(*arguments: Any, **options: Any) -> Any:
        is_here = made[0] == number
        made[0] += 1
        if is_here and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = move(*arguments, **options)
        if is_here:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return moved


def _pair(folder: Path, day: dt.date = AS_OF) -> tuple[House, House]:
    """Two homes alike, after a night and with a new delivery each."""
    peaceful, disturbed = House(folder / "peaceful"), House(folder / "disturbed")
    peaceful.deliver_published_figures()
    peaceful.quick_night(day)  # finds nothing new in a home that had one
    peaceful.copied_to(disturbed.root)
    for house in (peaceful, disturbed):
        house.deliver(NEW, NEW_ROWS)
    return peaceful, disturbed


def _fresh(house: House, place: House) -> None:
    import shutil

    shutil.rmtree(place.root, ignore_errors=True)
    house.copied_to(place.root)

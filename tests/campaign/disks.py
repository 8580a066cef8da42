"""No room to write: a limit on how long a file may grow, at every level, and a file system without inodes.

The night ends with exit code 1 and a sentence, the release stands, and with room again the next night is good.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import PROJECT_ROOT
from tests.campaign.log import Log
from tests.house import AS_OF, House
from tests.integration.test_broken_nights import NEW, NEW_ROWS, WITHOUT_BYTECODE

SMALLEST, LARGEST = 500, 400_000


def full_disks(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Try limits spread evenly over their digits, and log what each night said."""
    first = House(folder / "first")
    first.deliver_published_figures()
    first.quick_night()
    release = first.releases.current_id()
    dice, all_well = random.Random(seed), True
    for number in range(count):
        limit = round(SMALLEST * (LARGEST / SMALLEST) ** ((number + dice.random()) / count))
        house = House(folder / "tried")
        shutil.rmtree(house.root, ignore_errors=True)
        first.copied_to(house.root)
        house.deliver(NEW, NEW_ROWS)
        night = _night(house, limit)
        all_well &= _judged(house, night, release, log, limit=limit)
    with _few_inodes(folder / "small") as place:
        if place is not None:
            house = first.copied_to(place)
            house.deliver(NEW, NEW_ROWS)
            used = os.statvfs(place)
            subprocess.run(
                ["mount", "-o", f"remount,nr_inodes={used.f_files - used.f_ffree + 8}", str(place)], check=True
            )
            all_well &= _judged(house, _night(house, None), release, log, inodes_left=8)
    return all_well


def _judged(house: House, night: subprocess.CompletedProcess[str], release: str | None, log: Log, **what: int) -> bool:
    said = night.stdout + night.stderr
    is_same = house.releases.current_id() == release
    whole = not house.releases.verify()
    is_well = (
        "Traceback" not in said
        and whole
        and (night.returncode == 0 or (night.returncode == 1 and is_same and "nothing more can be written" in said))
    )
    log.write(part="disks", **what, code=night.returncode, well=is_well, whole=whole, said=said[-600:])
    return is_well


def _night(house: House, limit: int | None) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "pipeline", "nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", str(AS_OF)],
        cwd=PROJECT_ROOT,
        env={**os.environ, **WITHOUT_BYTECODE, "GROWTH_HOME": str(house.home.root), "COLUMNS": "200"},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        check=False,
    )


@contextlib.contextmanager
def _few_inodes(place: Path) -> Iterator[Path | None]:
    """A small file system in memory, or None where we may not mount one."""
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(place)], check=False, stderr=-3)
    try:
        yield place if made.returncode == 0 else None
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(place)], check=True)

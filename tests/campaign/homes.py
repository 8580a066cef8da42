"""Homes made by earlier commits, by their own code: a night of today's code on them, and the other way round.

Each ends well or in a sentence. Needs the history of the repository; the environment is today's.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.settings import PROJECT_ROOT
from tests.campaign.log import Log
from tests.house import AS_OF, House

MINUTES = 30


def homes(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Take some earlier commits, spread over the history, and log what became of each pair."""
    said = subprocess.run(
        ["git", "rev-list", "--first-parent", "HEAD"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    commits = said.stdout.split()[1:]
    dice, all_well = random.Random(seed), True
    today = House(folder / "today")
    today.deliver_published_figures()
    made_today = _night(PROJECT_ROOT, today)
    for number in range(min(count, len(commits))):
        commit = commits[int(len(commits) * (number + dice.random()) / count)]
        checkout = folder / commit[:10]
        _checked_out(commit, checkout)
        earlier = House(folder / f"home-{commit[:10]}")
        earlier.deliver_published_figures()
        made = _night(checkout, earlier)
        forth = _night(PROJECT_ROOT, earlier)
        again = _night(PROJECT_ROOT, earlier)
        back = today.copied_to(folder / f"back-{commit[:10]}")
        backward = _night(checkout, back)
        is_well = all(_ends_well(one) for one in (forth, again, backward))
        all_well &= is_well
        log.write(
            part="homes", commit=commit, made=_brief(made), forth=_brief(forth), again=_brief(again),
            same_as_today=earlier.releases.current_id() == today.releases.current_id(), back=_brief(backward),
            today=_brief(made_today), well=is_well,
        )  # fmt: skip
        shutil.rmtree(checkout)
    return all_well


def _checked_out(commit: str, place: Path) -> None:
    place.mkdir()
    archive = subprocess.Popen(["git", "archive", commit], cwd=PROJECT_ROOT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(place)], stdin=archive.stdout, check=True)
    assert archive.wait() == 0


def _night(checkout: Path, house: House) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "nightly", "--inbox", str(house.inbox), "--as-of", AS_OF.isoformat()],
        cwd=checkout,
        env={**os.environ, "GROWTH_HOME": str(house.home.root), "COLUMNS": "200", "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=MINUTES * 60,
        check=False,
    )


def _ends_well(night: subprocess.CompletedProcess[str]) -> bool:
    return "Traceback" not in night.stdout + night.stderr and (night.returncode == 0 or bool(night.stderr.strip()))


def _brief(night: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    lines = (night.stderr.strip() or night.stdout.strip()).splitlines()
    return night.returncode, " | ".join(lines[-3:])[-400:]

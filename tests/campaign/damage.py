"""Damage to a home, one kind at a time, and the next night of the command: it ends well, or in sentences.

A kind is a place and what became of it. What can be made again is made again, and the release has the same name; what
cannot (a landed file, the operator's settings, both notes of the home) is named.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.campaign.log import Log
from tests.house import AS_OF, House

PLACES: Mapping[str, str] = {
    "note of the home": "home.json",
    "copy of that note": ".home.json",
    "note of the night": "night.json",
    "lock": ".lock",
    "settings": "settings.yml",
    "landed file": "landing/*/*/*.csv",
    "receipt": "landing/*/*/receipt.json",
    "what was seen in the inbox": "landing/*/seen.json",
    "raw cells": "raw/*/*.parquet",
    "note of raw cells": "raw/*/*.json",
    "candidates of a delivery": "candidates/*/*.parquet",
    "note of candidates": "candidates/*/*.json",
    "candidates": "candidates/*.parquet",
    "validated table": "validated/*.parquet",
    "note of a validated table": "validated/*.json",
    "ledger": "ledger/*.parquet",
    "note of a ledger": "ledger/*.json",
    "rejects": "rejects/*.parquet",
    "staging table": "staging/*.parquet",
    "note of a staging table": "staging/*.json",
    "intermediate table": "intermediate/*.parquet",
    "note of an intermediate table": "intermediate/*.json",
    "audit": "audits/*.parquet",
    "note of an audit": "audits/*.json",
    "history": "history/*.parquet",
    "note of a history": "history/*.json",
    "built mart": "marts/built/*.parquet",
    "note of a built mart": "marts/built/*.json",
    "released mart": "marts/releases/*/*.parquet",
    "manifest": "marts/releases/*/manifest.json",
    "workbook": "marts/releases/*/growth.xlsx",
    "page": "marts/releases/*/scorecard.html",
    "pointer to the release": "marts/current",
    "journal": "marts/journal.jsonl",
    "database of runs": "dagster/**/runs.db",
    "index of events": "dagster/**/index.db",
    "settings of Dagster": "dagster/dagster.yaml",
    "file of a living run": "dagster/living_runs/*",
    "what was told": "told/sent.json",
}
CANNOT_BE_MADE_AGAIN = {"landed file", "settings", "settings of Dagster", "journal"}


def _cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _gone(path: Path) -> None:
    path.unlink()


def _other(path: Path) -> None:
    path.write_bytes(b"\x00\xff not what was written \n" * 40)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "stray").write_text("something", encoding="utf-8")


def _nobodys(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


WAYS: Mapping[str, Callable[[Path], None]] = {
    "cut": _cut,
    "gone": _gone,
    "other bytes": _other,
    "emptied": _emptied,
    "a folder": _folder,
    "a link to nowhere": _nobodys,
}


def kinds() -> list[tuple[str, str]]:
    """Every place with every way."""
    return [(place, way) for place in PLACES for way in WAYS]


def damage(folder: Path, log: Log, *, count: int, seed: int) -> bool:
    """Try some kinds and log each; say whether all went as they should."""
    first = House(folder / "first")
    first.deliver_published_figures()
    first.home.root.mkdir(parents=True, exist_ok=True)
    (first.home.root / "settings.yml").write_text("retention: {run_days: 90}\n", encoding="utf-8")
    arguments = ("nightly", "--quiet", "--inbox", str(first.inbox), "--as-of", AS_OF.isoformat())
    night = first.command(*arguments)
    assert night.returncode == 0, night.stdout + night.stderr
    release = first.releases.current_id()
    all_well = True
    everything = kinds()
    chosen = random.Random(seed).sample(everything, min(count, len(everything)))
    for number, (place, way) in enumerate(chosen):
        house = House(folder / "tried")
        shutil.rmtree(house.root, ignore_errors=True)
        first.copied_to(house.root)
        found = sorted(house.home.root.glob(PLACES[place]))
        if not found:
            log.write(part="damage", number=number, place=place, way=way, verdict="nothing there")
            continue
        path = found[seed % len(found)]
        WAYS[way](path)
        after = house.command(*arguments)
        said = after.stdout + after.stderr
        is_same = house.releases.current_id() == release and not house.releases.verify()
        if "Traceback" in said:
            verdict = "traceback"
        elif after.returncode == 0 and is_same:
            verdict = "well"
        elif place in CANNOT_BE_MADE_AGAIN and is_same:
            verdict = "told"
        elif after.returncode in (1, 2) and said.strip() and is_same:
            verdict = "told, and it could be made again"
        else:
            verdict = "lost"
        all_well &= verdict in ("well", "told")
        log.write(
            part="damage", number=number, place=place, way=way, path=path.relative_to(house.home.root),
            code=after.returncode, verdict=verdict, said=said[-600:],
        )  # fmt: skip
    return all_well

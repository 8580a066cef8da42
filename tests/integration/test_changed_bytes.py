"""Bytes that changed on the disk between two nights: made again, or their feed stands still; never published.

The real command runs each night; what is changed before it are files in the home, as a failing disk or a hand does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.run import RunError
from pipeline.night import EVIDENCE_AFFECTED, GOOD
from pipeline.settings import PROJECT_ROOT
from resources.landing import LandingStore
from tests.house import EARLY, House, csv_text, read_until

FOLDERS = (
    "landing/*", "raw/*", "candidates", "candidates/*", "validated", "ledger", "rejects", "staging", "intermediate",
    "audits", "history", "marts/built", "marts/current",
)  # fmt: skip


def nightly_arguments(house: House) -> tuple[str, ...]:
    return "nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", EARLY.isoformat()


def nightly(house: House) -> subprocess.CompletedProcess[str]:
    """Run the real night in a process of its own, for as long as a busy machine takes."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *nightly_arguments(house)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "GROWTH_HOME": str(house.home.root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(house: House) -> dict[str, bytes]:
    """Everything that a night makes, but for the notes of when it was made."""
    root = house.home.root
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in FOLDERS
        for pattern in ("*.parquet", "*.json", "*/receipt.json")
        for path in root.glob(f"{folder}/{pattern}")
        if path.name != "seen.json"
    }


# ── ways in which a file changes ──────────────────────────────────────────────────────────────────────────


def another_figure(path: Path) -> None:
    """Another valid Parquet file in its place, with one cell of another value."""
    table = pq.read_table(path)
    for place, column in enumerate(table.columns):
        values = column.to_pylist()
        if pa.types.is_decimal(column.type) and any(values):
            which = next(n for n, value in enumerate(values) if value)
            values[which] *= -1
        elif column.type == pa.list_(pa.string()):
            values[-1] = [cell and "9" * len(cell) for cell in values[-1]]
        else:
            continue
        table = table.set_column(place, table.field(place), pa.array(values, column.type))
        break
    else:
        table = table.slice(1)
    pq.write_table(table, path)


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def deleted(path: Path) -> None:
    path.unlink()


def another_number(path: Path) -> None:
    """A note that is still JSON and says another number."""
    text = path.read_text(encoding="utf-8")
    digit = next(n for n, letter in enumerate(text) if letter.isdigit())
    path.write_text(f"{text[:digit]}{9 - int(text[digit])}{text[digit + 1 :]}", encoding="utf-8")


def other_keys(path: Path) -> None:
    path.write_text(json.dumps({"colour": "blue"}), encoding="utf-8")


CHANGES = {
    "landing/tourism/*/tourism__*": flipped,  # the inbox still offers it
    "landing/aquaculture/*/receipt.json": other_keys,
    "landing/grdp/*/receipt.json": another_number,
    "landing/retail_services/*/receipt.json": cut,
    "landing/wind_power/*/receipt.json": deleted,
    "raw/grdp/*.parquet": another_figure,
    "raw/seafood_exports/*.parquet": deleted,
    "raw/investment_plan/*.json": another_number,
    "candidates/grdp/*.parquet": another_figure,
    "candidates/published_figures/*.parquet": cut,
    "candidates/trade_support/*.json": other_keys,
    "candidates/industry_output.parquet": another_figure,
    "validated/published_figures.parquet": another_figure,
    "validated/treasury_disbursement.parquet": flipped,
    "validated/grdp.json": another_number,
    "validated/delivery_withdrawals.parquet": deleted,
    "ledger/grdp.parquet": another_figure,
    "rejects/wind_power.parquet": deleted,
    "staging/stg_investment_plan.parquet": another_figure,
    "intermediate/int_sector_growth.parquet": another_figure,
    "audits/correct__parts_add_up.json": other_keys,
    "history/int_item_status.parquet": another_figure,
    "marts/built/sector_growth_vs_target.parquet": another_figure,
    "marts/built/dim_sector.parquet": deleted,
    "marts/current/directive_scorecard.parquet": another_figure,
    "marts/current/dim_agency.parquet": deleted,
}


@dataclass(frozen=True)
class Healed:
    """A night that had nothing new but damage, and what a reader of `current` met meanwhile."""

    exit_code: int
    said: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    damaged: dict[str, str]
    journal: int
    reads: int
    failed_reads: list[str]
    listed: list[str]


@pytest.fixture(scope="module")
def healed(early_province: House, tmp_path_factory: pytest.TempPathFactory) -> Healed:
    house = early_province.copied_to(tmp_path_factory.mktemp("healed"))
    house.quick_night(EARLY)  # its inbox moved with it
    before, published = files_of(house), len(house.releases.journal())
    release_id = house.releases.current_id()
    assert release_id is not None
    left = house.home.marts / "releases" / ".tmp-killed"
    shutil.copytree(house.home.marts / "releases" / release_id, left)
    listed = [release.release_id for release in house.releases.all()]
    damaged = {}
    for pattern, change in CHANGES.items():
        path = min(house.home.root.glob(pattern))
        damaged[pattern] = path.relative_to(house.home.root).as_posix()
        change(path)
    names = [path.name for path in (house.home.marts / "current").glob("*.parquet")]
    is_near, is_over, reads, failed = threading.Event(), threading.Event(), 0, []

    def read() -> None:
        nonlocal reads
        while not is_over.is_set():
            is_near.wait(0.1)  # no pause any more when the last marts are made and the release is mended
            for name in names:
                try:
                    pq.read_metadata(house.home.marts / "current" / name)
                    reads += 1
                except (OSError, pa.ArrowException) as error:
                    failed.append(f"{name}: {error}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        night = house.started(*nightly_arguments(house))
        said = read_until(night, "marts/scorecard_history")
        is_near.set()
        said += night.communicate()[0]
    finally:
        is_over.set()
        reader.join()
    told = house.command("release", "list").stdout.splitlines()
    assert len(told) == len(listed)
    return Healed(
        exit_code=night.returncode,
        said=said,
        before=before,
        after=files_of(house),
        damaged=damaged,
        journal=len(house.releases.journal()) - published,
        reads=reads,
        failed_reads=failed,
        listed=listed,
    )


def test_damage_is_news_and_the_night_ends_well(healed: Healed) -> None:
    assert healed.exit_code == GOOD, healed.said
    assert "Nothing new" not in healed.said
    assert healed.journal == 1


@pytest.mark.parametrize("pattern", CHANGES)
def test_what_changed_on_the_disk_is_made_again_as_it_was(healed: Healed, pattern: str) -> None:
    path = healed.damaged[pattern]
    assert healed.after.get(path) == healed.before.get(path), path


def test_nothing_else_became_different(healed: Healed) -> None:
    assert healed.after.keys() == healed.before.keys()
    assert [path for path, content in healed.before.items() if healed.after[path] != content] == []


def test_a_reader_of_current_meets_every_mart_while_a_damaged_release_is_mended(healed: Healed) -> None:
    assert healed.reads > 1000
    assert healed.failed_reads == []


def test_what_a_killed_run_left_is_no_release(healed: Healed) -> None:
    assert len(healed.listed) == 1


# ── a landed file that cannot be made again ───────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stopped:
    """A night after a landed file had changed and left the inbox, and the one after it was sent again."""

    night: subprocess.CompletedProcess[str]
    growth_before: list[dict[str, object]]
    growth: list[dict[str, object]]
    other_feed: set[str]
    manifest: dict[str, object]
    next_night: subprocess.CompletedProcess[str]
    is_healed: bool


@pytest.fixture(scope="module")
def stopped(early_province: House, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    house = early_province.copied_to(tmp_path_factory.mktemp("stopped"))
    root = house.home.root
    house.quick_night(EARLY)
    before = house.mart("sector_growth_vs_target")
    sent = min((house.inbox / "grdp").glob("grdp__2023__*"))
    landed = next(root.glob(f"landing/grdp/*/{sent.name}"))
    content = sent.read_bytes()
    sent.unlink()
    landed.write_bytes(content[:-1] + b"?")
    raw = root / "raw" / "grdp" / f"{landed.parent.name}.parquet"
    raw.unlink()
    for path in sorted((house.inbox / "tourism").iterdir()):
        path.rename(path.with_name(f"{path.stem}__again{path.suffix}"))
    night = nightly(house)
    growth, manifest = house.mart("sector_growth_vs_target"), dict(house.releases.get().manifest)
    others = {row["source_file"] for row in house.mart("delivery_quality") if row["feed"] == "tourism"}
    sent.write_bytes(content)
    next_night = nightly(house)
    return Stopped(night, before, growth, others, manifest, next_night, landed.read_bytes() == content and raw.exists())


def test_a_landed_file_that_is_not_what_arrived_stops_its_feed_with_a_sentence(stopped: Stopped) -> None:
    assert stopped.night.returncode == EVIDENCE_AFFECTED, stopped.night.stderr
    (line,) = [line for line in stopped.night.stderr.splitlines() if line.startswith("Stopped: ")]
    assert line.startswith("Stopped: grdp: the landed file of grdp__2023__")
    assert "has other bytes than those that arrived. Nothing more of grdp is taken in and its last good tables" in line
    assert "Put the file, as it was sent, into the inbox again, or restore" in line


def test_its_last_good_tables_stand_and_the_other_feeds_go_on(stopped: Stopped) -> None:
    assert stopped.growth == stopped.growth_before
    assert any("__again" in name for name in stopped.other_feed)
    assert list(stopped.manifest["standing_still"]) == ["grdp"]  # type: ignore[call-overload]  # a manifest is JSON


def test_the_same_bytes_sent_again_make_it_go_on(stopped: Stopped) -> None:
    assert stopped.next_night.returncode == GOOD, stopped.next_night.stderr
    assert "Stopped" not in stopped.next_night.stderr
    assert stopped.is_healed


# ── the same, without a whole night ───────────────────────────────────────────────────────────────────────

ROWS = csv_text(("area_code", "sector_code", "period", "value_constant_bn"), ("94", "CON", "2024-6M", "2600"))


@pytest.fixture
def one_delivery(house: House) -> House:
    """A house with one delivery, taken in, that has left the inbox."""
    path = house.deliver("grdp__2024-6M__2024-08-20.csv", ROWS)
    assert house.intake_night().stopped == ()
    path.unlink()
    return house


@pytest.mark.parametrize("what", ["file", "receipt and file", "folder"])
def test_a_landed_delivery_that_is_gone_stops_its_feed(one_delivery: House, what: str) -> None:
    (folder,) = (path.parent for path in one_delivery.home.landing.glob("grdp/*/receipt.json"))
    if what == "folder":
        shutil.rmtree(folder)
    for path in folder.glob("receipt.json" if what == "receipt and file" else "*.csv"):
        cut(path)
    if what == "receipt and file":
        cut(folder / "grdp__2024-6M__2024-08-20.csv")
    (sentence,) = one_delivery.intake_night().stopped
    assert sentence.startswith("grdp: the landed file of grdp__2024-6M__2024-08-20.csv (delivery ")
    assert len(one_delivery.table("validated", "grdp")) == 1


def test_a_damaged_landed_file_and_no_good_table_end_in_a_sentence(one_delivery: House) -> None:
    (landed,) = one_delivery.home.landing.glob("grdp/*/*.csv")
    cut(landed)
    another_figure(one_delivery.home.root / "validated" / "grdp.parquet")
    with pytest.raises(RunError, match=r"validated/grdp is not what was recorded.*Put the file"):
        one_delivery.intake_night()


def test_a_lost_receipt_is_written_again_from_the_landed_file(one_delivery: House) -> None:
    store = LandingStore(one_delivery.home.landing)
    before = store.receipts("grdp")
    (receipt,) = one_delivery.home.landing.glob("grdp/*/receipt.json")
    for change in (another_number, other_keys, cut, deleted):
        change(receipt)
        assert one_delivery.intake_night().stopped == ()
        assert store.receipts("grdp") == before

"""A few of what `make campaign` does: damage, kills at moves of files, and deliveries in other orders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.campaign.damage import damage
from tests.campaign.kills import moves
from tests.campaign.log import Log
from tests.campaign.nights import slopes
from tests.campaign.orders import orders
from tests.campaign.simulated import clean_nights, planted
from tests.house import EARLY, House

pytestmark = pytest.mark.slow
SEED = 13


def lines_of(log: Log) -> list[str]:
    return log.path.read_text(encoding="utf-8").splitlines()


def test_some_kinds_of_damage_are_mended_by_the_next_night_of_the_command(
    published_only: House, tmp_path: Path
) -> None:
    published_only.copied_to(tmp_path / "first")
    log = Log(tmp_path / "damage.jsonl")
    assert damage(tmp_path, log, count=2, seed=SEED), lines_of(log)
    assert len(lines_of(log)) == 2


def test_a_night_killed_at_some_move_or_removal_of_a_file_loses_nothing(early_province: House, tmp_path: Path) -> None:
    early_province.copied_to(tmp_path / "peaceful")
    log = Log(tmp_path / "moves.jsonl")
    assert moves(tmp_path, log, count=2, seed=SEED, day=EARLY), lines_of(log)
    assert json.loads(lines_of(log)[-1])["in_all"] > 100


def test_a_clean_province_raises_no_alarm_and_planted_defects_are_refused(tmp_path: Path) -> None:
    log = Log(tmp_path / "simulated.jsonl")
    assert clean_nights(tmp_path / "clean", log, count=1, seed=SEED), lines_of(log)
    assert planted(tmp_path / "planted", log, count=2, seed=SEED), lines_of(log)
    assert json.loads(lines_of(log)[-1])["verdicts"] == {"refused": 2}


def test_what_stands_in_the_end_does_not_depend_on_the_order_of_deliveries(tmp_path: Path) -> None:
    log = Log(tmp_path / "orders.jsonl")
    assert orders(tmp_path, log, count=2, seed=SEED), lines_of(log)


def test_a_process_that_grows_by_a_megabyte_a_night_has_that_slope() -> None:
    lines = [
        {"night": night, "rss_kb": [{"pid": 7, "role": "daemon", "rss_kb": 1024 * (200 + night)}]}
        for night in range(1, 21)
    ]
    assert slopes(lines) == {"daemon 7": (11, pytest.approx(1.0))}

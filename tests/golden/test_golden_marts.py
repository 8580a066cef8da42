"""The marts of the samples say what they said: a figure that moves is seen, and moves with a reason or not at all.

A golden file is compared line by line under what names a line; a line that it does not hold is nobody's business here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden.profiles import GOLDEN, deliveries, feeds_in, items_in, profiles, rows_of, scorecard
from tests.house import House

pytestmark = pytest.mark.slow


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


def assert_same(said: str, name: str, *key: str) -> None:
    def by_key(text: str) -> dict[tuple[str, ...], dict[str, str]]:
        return {tuple(row[column] for column in key): row for row in rows_of(text)}

    before, now = by_key(golden(name)), by_key(said)
    told = [
        f"{' '.join(line)}: {column}: {value!r} -> {now[line][column]!r}"
        for line, row in before.items()
        if line in now
        for column, value in row.items()
        if now[line][column] != value
    ]
    told += [f"{' '.join(line)}: gone" for line in before if line not in now]
    changes = "\n".join(told[:40])
    assert not told, f"{changes}\nIf this is meant: python -m tests.golden.profiles, and read the change line by line."


@pytest.fixture(scope="module")
def release(samples_house: House) -> Path:
    return samples_house.home.marts / "current"


def test_the_scorecard_of_the_samples_says_what_it_said(release: Path) -> None:
    assert_same(scorecard(release), "scorecard.csv", "directive", "item")


def test_the_deliveries_of_the_samples_are_judged_as_they_were(release: Path) -> None:
    assert_same(deliveries(release), "deliveries.csv", "feed", "source_file")


def test_every_column_of_every_mart_holds_what_it_held(release: Path) -> None:
    items, feeds = items_in(golden("scorecard.csv")), feeds_in(golden("deliveries.csv"))
    assert_same(profiles(release, items, feeds), "profiles.csv", "mart", "column")

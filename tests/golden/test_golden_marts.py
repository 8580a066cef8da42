"""The marts of the samples say what they said: a figure that moves is seen, and moves with a reason or not at all."""

from __future__ import annotations

import difflib

import pytest

from tests.golden.profiles import GOLDEN, profiles, scorecard
from tests.house import House

pytestmark = pytest.mark.slow


def assert_same(said: str, name: str) -> None:
    golden = (GOLDEN / name).read_text(encoding="utf-8")
    changes = [
        line
        for line in difflib.unified_diff(golden.splitlines(), said.splitlines(), "golden", "now", lineterm="", n=0)
        if not line.startswith("@@")
    ]
    told = "\n".join(changes[:40])
    assert not changes, f"{told}\nIf this is meant: python -m tests.golden.profiles, and read the change line by line."


def test_the_scorecard_of_the_samples_says_what_it_said(samples_house: House) -> None:
    assert_same(scorecard(samples_house.home.marts / "current"), "scorecard.csv")


def test_every_column_of_every_mart_holds_what_it_held(samples_house: House) -> None:
    assert_same(profiles(samples_house.home.marts / "current"), "profiles.csv")

"""Where a person has the last word, a night ends in a candidate that readers do not meet before it is approved."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.house import EARLY, told

DAY = dt.timedelta(days=1)
NEXT_DAY = EARLY + DAY


@pytest.fixture
def house(opened_house):
    """A home with one release, made before its operator asked for a person's word."""
    (opened_house.home.root / "settings.yml").write_text("release: approved\n", encoding="utf-8")
    return opened_house


def test_a_candidate_is_seen_as_such_and_becomes_current_by_the_word_of_a_person(house):
    before = house.releases.current_id()
    night = house.quick_night(NEXT_DAY)
    assert (night.release_id, night.failures) == (before, ())
    assert night.candidate is not None
    assert any(line.startswith(f"Candidate: {night.candidate} waits") for line in told(night))
    listed = house.command("release", "list").stdout
    assert f"* {before}" in listed
    assert f"? {night.candidate}" in listed
    assert house.quick_night(NEXT_DAY).candidate == night.candidate, "made once"

    unknown = house.command("release", "approve", str(before), "--by", "A", "--reason", "B")
    assert (unknown.returncode, "does not wait" in unknown.stderr) == (1, True)
    assert house.command("release", "approve", night.candidate, "--by", "A").returncode == 2, "without a reason"
    word = house.command("release", "approve", night.candidate, "--by", "Head of office", "--reason", "checked KV1")
    assert word.returncode == 0, word.stderr
    assert (house.releases.current_id(), house.releases.candidate_id()) == (night.candidate, None)
    assert "approve: Head of office: checked KV1" in house.command("release", "list").stdout
    assert house.command("nightly", "--inbox", str(house.inbox), "--as-of", str(NEXT_DAY), "--quiet").returncode == 0
    assert house.releases.current_id() == night.candidate


def test_a_rejected_candidate_does_not_come_back_by_itself(house):
    before = house.releases.current_id()
    candidate = house.quick_night(NEXT_DAY).candidate
    word = house.command("release", "reject", str(candidate), "--by", "Head of office", "--reason", "KV3 looks wrong")
    assert word.returncode == 0, word.stderr
    again = house.quick_night(NEXT_DAY)
    assert (again.release_id, again.candidate) == (before, None)
    later = house.quick_night(NEXT_DAY + DAY)
    assert later.candidate not in (None, candidate), "the next day has a candidate of its own"
    assert later.release_id == before


def test_settings_that_are_not_understood_stop_the_night_before_it_begins(house):
    (house.home.root / "settings.yml").write_text("release: maybe\n", encoding="utf-8")
    night = house.command("nightly", "--inbox", str(house.inbox), "--as-of", str(NEXT_DAY))
    assert night.returncode == 2
    assert "release must be publish or approved, and is 'maybe'" in night.stderr
    assert "Traceback" not in night.stderr

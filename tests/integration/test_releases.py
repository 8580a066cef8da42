"""What is published: the same bytes from the same inputs, nothing while nothing changed, always whole.

That nothing unaudited is, `test_what_dagster_is_told` shows.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.change_detection import has_changes
from dbt_like_sql.project import load_project
from pipeline.definitions import build_defs
from pipeline.night import GOOD
from pipeline.settings import PROJECT_ROOT
from resources.releases import ReleaseError
from resources.stores import stores_at
from tests.house import AS_OF, EARLY, House, csv_text, told
from tests.integration.test_broken_nights import NEW_ROWS

EVE = EARLY - dt.timedelta(days=1)
SAMPLES = PROJECT_ROOT / "samples" / "inbox"
MARTS = "marts/built"
Row = dict[str, Any]
SILENT = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def materialize(house: House, key: str) -> dg.ExecuteInProcessResult:
    """Run one asset alone, as a user does in the UI."""
    job = build_defs(stores_at(house.home.root)).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        asset_selection=[dg.AssetKey(key.split("/"))], raise_on_error=False, run_config=SILENT
    )


# ── the same bytes ────────────────────────────────────────────────────────────────────────────────────────


def test_deliveries_landed_in_another_order_in_another_home_give_the_same_bytes(
    early_province: House, early_inbox: list[Path], tmp_path: Path
) -> None:
    other = House(tmp_path / "another home" / "of é")
    late, early = early_inbox[:5], early_inbox[5:]
    for path in reversed(early):
        other.deliver(path.name, path.read_bytes())
    other.quick_night(EVE)
    for path in late:
        other.deliver(path.name, path.read_bytes())
    assert other.quick_night(EARLY).release_id == early_province.releases.current_id()
    assert other.digests(MARTS) == early_province.digests(MARTS)
    assert other.digests("marts/current") == early_province.digests("marts/current")


def test_a_past_day_is_shown_as_it_was_known_then_whatever_landed_later(
    early_province: House, early_province_copy: House
) -> None:
    house, day = early_province_copy, dt.date(2024, 9, 10)
    for path in SAMPLES.glob("*/*__2024-09-0*"):
        house.deliver(path.name, path.read_bytes())
    house.deliver("grdp__2024-6M__2024-09-02.csv", NEW_ROWS)
    assert house.quick_night(day).release_id != early_province.releases.current_id()
    assert house.delivery("grdp__2024-6M__2024-09-02.csv")["status"] == "accepted"
    assert house.quick_night(EARLY, publish=True).release_id == early_province.releases.current_id()
    assert house.digests(MARTS) == early_province.digests(MARTS)
    assert all(row["released_on"] <= EARLY for row in house.mart("delivery_quality"))


# ── nothing new ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_night_with_nothing_new_says_so_in_a_line_makes_no_release_and_imports_neither_dagster_nor_gx(
    early_province_copy: House,
) -> None:
    early_province_copy.quick_night(EARLY)  # its inbox moved with it
    before = early_province_copy.releases.journal()
    heavy = ("dagster", "great_expectations", "pandas", "duckdb")
    script = (
        "import sys; from pipeline.cli.commands import cli\n"
        "try: cli(sys.argv[1:])\n"
        "finally: print('imported:', [m for m in " + repr(heavy) + " if m in sys.modules], file=sys.stderr)"
    )
    arguments = ("nightly", "--quiet", "--inbox", str(early_province_copy.inbox), "--as-of", EARLY.isoformat())
    night = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT_ROOT,
        env={"GROWTH_HOME": str(early_province_copy.home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = night.stdout.splitlines()
    assert line.startswith("Nothing new: same deliveries, declarations, code and day (2024-08-28); release 2024-08-28-")
    assert night.stderr == "imported: []\n"
    assert night.returncode == GOOD
    assert early_province_copy.releases.journal() == before


def test_a_new_day_rebuilds_only_what_depends_on_the_day(province_copy: House) -> None:
    before, cards = province_copy.digests(MARTS), province_copy.mart("directive_scorecard")
    province_copy.quick_night(AS_OF + dt.timedelta(days=1))
    after = province_copy.digests(MARTS)
    changed = {Path(path).stem for path in after if after[path] != before[path]}
    asking_for_the_day = {model.name for model in load_project().models_in_order() if model.uses_as_of}
    # by int_delivery_periods and int_construction_work_list, whose rows these show
    asking_for_the_day |= {"delivery_calendar", "nonstate_construction_omissions"}
    assert "directive_scorecard" in changed
    assert changed <= asking_for_the_day
    assert province_copy.mart("directive_scorecard") == [a_day_later(card) for card in cards]


def a_day_later(card: Row) -> Row:
    """A row of the scorecard on the next day: a day less is left, evidence and delays are a day older, and no more."""
    later = dict(card)
    for name, days in (("days_left", -1), ("evidence_age_days", 1)):
        if card[name] is not None:
            later[name] = card[name] + days
    in_english = "{} days old"
    for name, words in (
        ("status_reason", in_english),
        ("status_reason_en", in_english),
        ("status_reason_vi", "cách đây {} ngày"),
    ):
        later[name] = card[name].replace(*(words.format(row["evidence_age_days"]) for row in (card, later)))
    for name, delay in (("next_step_en", r"(\d+)(?= days ago$)"), ("next_step_vi", r"(?<=đã chậm )(\d+)(?= ngày$)")):
        if card[name] is not None:
            later[name] = re.sub(delay, lambda found: str(int(found[0]) + 1), card[name])
    return later


def test_a_new_day_that_changes_no_byte_makes_no_release(early_province_copy: House) -> None:
    store = early_province_copy.releases
    built = {path.stem: path for path in (early_province_copy.home.root / MARTS).glob("*.parquet")}
    before = store.journal()
    assert store.publish(built, {}, EARLY + dt.timedelta(days=1)) == (store.current_id(), False)
    assert store.journal() == before


def test_what_a_run_of_single_assets_landed_is_news_for_the_night(early_province_copy: House) -> None:
    early_province_copy.quick_night(EARLY)  # its inbox moved with it
    early_province_copy.deliver("grdp__2024-6M__2024-08-20.csv", "a\n")
    for key in ("landing/grdp", "release"):
        assert materialize(early_province_copy, key).success
    assert has_changes(early_province_copy.home, early_province_copy.inbox, EARLY)


# ── looking at releases ───────────────────────────────────────────────────────────────────────────────────


def test_releases_are_listed_verified_compared_and_gone_back_to(province_copy: House) -> None:
    first = province_copy.releases.current_id()
    assert first is not None
    province_copy.deliver(
        "grdp__2024__2025-02-05.csv",
        csv_text(
            ("area_code", "sector_code", "period", "value_constant_bn"),
            ("94", "CON", "2023", "2000"),
            ("94", "CON", "2024", "2600"),
        ),
    )
    second = province_copy.quick_night().release_id
    assert second is not None
    listed = province_copy.command("release", "list").stdout.splitlines()
    assert [(line[0], line[2:].split()[0]) for line in listed] == [(" ", first), ("*", second)]
    told = province_copy.command("release", "diff", first).stdout
    assert "delivery_quality: 0 rows gone, 1 rows new" in told
    assert "2724-UBND-TH CON: " in told
    assert " -> achieved (30.0000), revision: revision +" in told
    assert "growth 94 CON 2024: " in told
    assert province_copy.command("release", "rollback", first).stdout == f"Current is now {first}.\n"
    assert province_copy.releases.current_id() == first
    assert [entry["action"] for entry in province_copy.releases.journal()] == ["publish", "publish", "rollback"]
    assert province_copy.quick_night().release_id == second


def test_a_changed_byte_is_found_refused_and_mended_by_the_next_release(early_province_copy: House) -> None:
    store, damaged = early_province_copy.releases, early_province_copy.releases.current_id()
    assert damaged is not None
    path = store.current / "dim_sector.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    verified = early_province_copy.command("release", "verify")
    assert verified.returncode == 1
    assert verified.stdout.startswith("dim_sector: the bytes are not those that were published")
    with pytest.raises(ReleaseError, match="damaged and is not made current"):
        store.rollback(damaged)
    assert early_province_copy.quick_night(EARLY).release_id == damaged
    assert store.verify() == []
    assert path.read_bytes() == content


# ── one asset alone ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "key", ["landing/grdp", "candidates/published_figures", "staging/stg_grdp", "marts/directive_scorecard", "release"]
)
def test_an_asset_can_be_run_alone_after_a_night(early_province_copy: House, key: str) -> None:
    result = materialize(early_province_copy, key)
    assert result.success
    assert len(result.get_asset_materialization_events()) == 1
    assert all(check.passed for check in result.get_asset_check_evaluations())


def test_an_asset_run_alone_before_any_night_says_what_to_run_first(
    house: House,
) -> None:
    result = materialize(house, "staging/stg_grdp")
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    told = failed.event_specific_data.error_display_string
    assert "validated/grdp has not been built. Run the nightly job, or that asset, first." in told


def test_a_night_of_an_earlier_day_is_looked_at_and_becomes_current_only_when_that_is_asked(
    early_province_copy: House,
) -> None:
    current, earlier = early_province_copy.releases.current_id(), EARLY - dt.timedelta(days=1)
    look = early_province_copy.quick_night(earlier, publish=False)
    assert (look.exit_code, look.failures, look.release_id) == (GOOD, (), current)
    assert look.looked_at is not None
    assert early_province_copy.releases.get(look.looked_at).manifest["as_of"] == earlier.isoformat()
    assert any(f"Looked at: {look.looked_at}" in line for line in told(look))
    assert early_province_copy.quick_night(EARLY).release_id == current, "the next night makes the same release again"

    asked = ("nightly", "--inbox", str(early_province_copy.inbox), "--as-of", earlier.isoformat())
    again = early_province_copy.command(*asked)
    assert (again.returncode, early_province_copy.releases.current_id()) == (GOOD, current), again.stderr
    assert "run the night again with --publish" in again.stdout
    assert early_province_copy.command(*asked, "--publish", "--quiet").returncode == GOOD
    assert early_province_copy.releases.current_id() == look.looked_at
    assert early_province_copy.releases.looked_back_on() == []

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
from tests.house import AS_OF, House, csv_text, told

PAST = dt.date(2024, 12, 1)
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
    province: House, inbox_of_a_province: list[Path], tmp_path: Path
) -> None:
    other = House(tmp_path / "another home" / "of é")
    late, early = inbox_of_a_province[:5], inbox_of_a_province[5:]
    for path in reversed(early):
        other.deliver(path.name, path.read_bytes())
    other.quick_night(PAST)
    for path in late:
        other.deliver(path.name, path.read_bytes())
    assert other.quick_night().release_id == province.releases.current_id()
    assert other.digests(MARTS) == province.digests(MARTS)
    assert other.digests("marts/current") == province.digests("marts/current")


def test_a_past_day_is_shown_as_it_was_known_then_whatever_landed_later(
    province_copy: House, inbox_of_a_province: list[Path], tmp_path: Path
) -> None:
    then = House(tmp_path / "then")
    for path in inbox_of_a_province:
        if path.parent.name == "published_figures" or path.stem.split("__")[2] <= PAST.isoformat():
            then.deliver(path.name, path.read_bytes())
    assert then.quick_night(PAST).release_id == province_copy.quick_night(PAST, publish=True).release_id
    assert then.digests(MARTS) == province_copy.digests(MARTS)
    assert all(row["released_on"] <= PAST for row in province_copy.mart("delivery_quality"))


# ── nothing new ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_night_with_nothing_new_says_so_in_a_line_makes_no_release_and_imports_neither_dagster_nor_gx(
    province_copy: House,
) -> None:
    province_copy.quick_night()  # its inbox moved with it
    before = province_copy.releases.journal()
    heavy = ("dagster", "great_expectations", "pandas", "duckdb")
    script = (
        "import sys; from pipeline.cli.commands import cli\n"
        "try: cli(sys.argv[1:])\n"
        "finally: print('imported:', [m for m in " + repr(heavy) + " if m in sys.modules], file=sys.stderr)"
    )
    arguments = ("nightly", "--quiet", "--inbox", str(province_copy.inbox), "--as-of", AS_OF.isoformat())
    night = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=PROJECT_ROOT,
        env={"GROWTH_HOME": str(province_copy.home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = night.stdout.splitlines()
    assert line.startswith("Nothing new: same deliveries, declarations, code and day (2025-02-10); release 2025-02-10-")
    assert night.stderr == "imported: []\n"
    assert night.returncode == GOOD
    assert province_copy.releases.journal() == before


def test_a_new_day_rebuilds_only_what_depends_on_the_day(province_copy: House) -> None:
    before, cards = province_copy.digests(MARTS), province_copy.mart("directive_scorecard")
    province_copy.quick_night(AS_OF + dt.timedelta(days=1))
    after = province_copy.digests(MARTS)
    changed = {Path(path).stem for path in after if after[path] != before[path]}
    asking_for_the_day = {model.name for model in load_project().models_in_order() if model.uses_as_of}
    asking_for_the_day.add("nonstate_construction_omissions")  # by int_construction_work_list, whose rows it shows
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


def test_a_new_day_that_changes_no_byte_makes_no_release(province_copy: House) -> None:
    store = province_copy.releases
    built = {path.stem: path for path in (province_copy.home.root / MARTS).glob("*.parquet")}
    before = store.journal()
    assert store.publish(built, {}, AS_OF + dt.timedelta(days=1)) == (store.current_id(), False)
    assert store.journal() == before


def test_what_a_run_of_single_assets_landed_is_news_for_the_night(province_copy: House) -> None:
    province_copy.quick_night()  # its inbox moved with it
    province_copy.deliver("grdp__2024__2025-02-09.csv", "a\n")
    for key in ("landing/grdp", "release"):
        assert materialize(province_copy, key).success
    assert has_changes(province_copy.home, province_copy.inbox, AS_OF)


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


def test_a_changed_byte_is_found_refused_and_mended_by_the_next_release(province_copy: House) -> None:
    store, damaged = province_copy.releases, province_copy.releases.current_id()
    assert damaged is not None
    path = store.current / "dim_sector.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    verified = province_copy.command("release", "verify")
    assert verified.returncode == 1
    assert verified.stdout.startswith("dim_sector: the bytes are not those that were published")
    with pytest.raises(ReleaseError, match="damaged and is not made current"):
        store.rollback(damaged)
    assert province_copy.quick_night().release_id == damaged
    assert store.verify() == []
    assert path.read_bytes() == content


# ── one asset alone ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "key", ["landing/grdp", "candidates/published_figures", "staging/stg_grdp", "marts/directive_scorecard", "release"]
)
def test_an_asset_can_be_run_alone_after_a_night(province_copy: House, key: str) -> None:
    result = materialize(province_copy, key)
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
    province_copy: House,
) -> None:
    current, earlier = province_copy.releases.current_id(), AS_OF - dt.timedelta(days=1)
    look = province_copy.quick_night(earlier, publish=False)
    assert (look.exit_code, look.failures, look.release_id) == (GOOD, (), current)
    assert look.looked_at is not None
    assert province_copy.releases.get(look.looked_at).manifest["as_of"] == earlier.isoformat()
    assert any(f"Looked at: {look.looked_at}" in line for line in told(look))
    assert province_copy.quick_night().release_id == current, "the next night makes the same release again"

    asked = ("nightly", "--inbox", str(province_copy.inbox), "--as-of", earlier.isoformat())
    again = province_copy.command(*asked)
    assert (again.returncode, province_copy.releases.current_id()) == (GOOD, current), again.stderr
    assert "run the night again with --publish" in again.stdout
    assert province_copy.command(*asked, "--publish", "--quiet").returncode == GOOD
    assert province_copy.releases.current_id() == look.looked_at
    assert province_copy.releases.looked_back_on() == []

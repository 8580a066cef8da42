"""What is kept and what is let go: releases by days and months, and settings that are understood or refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.dagster_home import write_dagster_home
from pipeline.instance import open_instance
from resources.home import Home, HomeError
from resources.operator import Retention, settings_of
from resources.releases import ReleaseError, ReleaseStore
from resources.retention import prune_releases, prune_runs


def published(store: ReleaseStore, folder: Path, moments: list[dt.datetime]) -> list[str]:
    """Publish a release at each moment; return their ids."""
    ids = []
    for number, moment in enumerate(moments):
        path = folder / f"{number}" / "mart.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(pa.table({"number": [number]}), path)
        release_id, _ = store.publish({"mart": path}, {}, moment.date())
        ids.append(release_id)
    journal = store.root / "journal.jsonl"
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    for entry, moment in zip(entries, moments, strict=True):
        entry["at"] = moment.isoformat()
    journal.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return ids


def test_the_last_release_of_each_newest_day_and_month_is_kept_and_tagged_ones_for_ever(tmp_path):
    store = ReleaseStore(tmp_path / "marts")
    noon = dt.datetime(2025, 1, 1, 5, tzinfo=dt.UTC)
    moments = [noon + dt.timedelta(days=n, hours=h) for n in range(100) for h in (0, 1)]  # twice a day to 10 April
    ids = published(store, tmp_path / "made", moments)
    store.tag(ids[5], "for the congress")
    gone = prune_releases(store, Retention(daily_releases=3, monthly_releases=2))
    left = {release.release_id for release in store.all()}
    # The last of 8, 9 and 10 April; of March (day 89) and April; the tagged one.
    assert left == {ids[195], ids[197], ids[199], ids[2 * 89 + 1], ids[5]}
    assert left | set(gone) == set(ids)
    assert store.current_id() == ids[199]
    assert store.verify() == []
    assert prune_releases(store, Retention(daily_releases=3, monthly_releases=2)) == []


def test_days_are_those_of_viet_nam(tmp_path):
    store = ReleaseStore(tmp_path / "marts")
    late = dt.datetime(2025, 1, 1, 16, 59, tzinfo=dt.UTC)  # 23:59 in Viet Nam
    ids = published(store, tmp_path / "made", [late, late + dt.timedelta(minutes=2), late + dt.timedelta(days=5)])
    assert prune_releases(store, Retention(daily_releases=3, monthly_releases=1)) == []
    assert len(store.all()) == len(ids)


def test_the_current_release_is_kept_after_a_rollback_to_an_old_one(tmp_path):
    store = ReleaseStore(tmp_path / "marts")
    first = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    ids = published(store, tmp_path / "made", [first + dt.timedelta(days=400 * n) for n in range(4)])
    store.rollback(ids[0])
    prune_releases(store, Retention(daily_releases=1, monthly_releases=1))
    assert {release.release_id for release in store.all()} == {ids[0], ids[3]}
    with pytest.raises(ReleaseError, match="current"):
        store.remove(store.get(ids[0]))


def test_of_looks_at_an_earlier_day_only_the_last_is_kept(tmp_path):
    store = ReleaseStore(tmp_path / "marts")
    today = dt.datetime(2025, 1, 9, tzinfo=dt.UTC)
    (current, *looks) = published(store, tmp_path / "made", [today - dt.timedelta(days=n) for n in range(4)])
    assert (store.current_id(), store.looked_back_on()) == (current, looks)
    assert set(prune_releases(store, Retention())) == set(looks[:-1])
    assert {release.release_id for release in store.all()} == {current, looks[-1]}


def test_runs_past_their_time_go_but_for_those_that_say_when_a_table_was_made_last(tmp_path):
    @dg.asset
    def often() -> None: ...

    @dg.asset
    def seldom() -> None: ...

    with open_instance(write_dagster_home(tmp_path)) as instance:
        ids = [
            dg.materialize([often, seldom], instance=instance, selection=selection).run_id
            for selection in ([often, seldom], [often], [often])
        ]
        now = dt.datetime.now(dt.UTC)
        assert prune_runs(instance, tmp_path, 90, now) == []
        assert prune_runs(instance, tmp_path, 90, now + dt.timedelta(days=91)) == [ids[1]]
        assert {record.dagster_run.run_id for record in instance.get_run_records()} == {ids[0], ids[2]}
        for asset in (often, seldom):
            assert instance.get_latest_materialization_event(asset.key) is not None
        assert not list(tmp_path.rglob(f"*{ids[1]}*")), "its events and logs are gone from the disk"


def test_a_home_without_settings_has_the_defaults(tmp_path):
    assert settings_of(Home(tmp_path)).retention == Retention(30, 24, 90)
    (tmp_path / "settings.yml").write_text("retention: {daily_releases: 7}\n")
    assert settings_of(Home(tmp_path)).retention == Retention(7, 24, 90)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("retension: {}\n", "retension is unknown; there are release, retention"),
        ("retention: {days: 3}\n", "retention.days is unknown; there are daily_releases"),
        ("retention: {run_days: 0}\n", "retention.run_days must be a whole number of at least 1"),
        ("retention: {run_days: true}\n", "retention.run_days must be"),
        ("retention: 3\n", "retention must be a mapping"),
        ("- a\n", "the file must be a mapping"),
        ("a: [\n", "cannot be read"),
    ],
)
def test_settings_that_are_not_understood_are_refused_with_file_and_key(tmp_path, text, words):
    (tmp_path / "settings.yml").write_text(text)
    with pytest.raises(HomeError) as caught:
        settings_of(Home(tmp_path))
    assert words in str(caught.value)
    assert str(tmp_path / "settings.yml") in str(caught.value)
